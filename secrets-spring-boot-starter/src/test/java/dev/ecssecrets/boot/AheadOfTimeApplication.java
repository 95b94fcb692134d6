// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * An application with everything that a refresh reaches. It prints what it has, refreshes
 * after the file has changed if it can, and prints again.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties({ AheadOfTimeApplication.Bound.class, AheadOfTimeApplication.Live.class })
class AheadOfTimeApplication {

	@Value("${WORD}")
	String word;

	@Value("${WORD}")
	LiveSecret live;

	public static void main(String[] args) throws IOException, SQLException {
		AtomicReference<Secrets> secrets = new AtomicReference<>();
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(AheadOfTimeApplication.class)
			.web(WebApplicationType.NONE)
			.addBootstrapRegistryInitializer((registry) -> registry
				.addCloseListener((event) -> secrets.set(event.getBootstrapContext().getOrElse(Secrets.class, null))))
			.run(args)) {
			System.out.println("one holder " + (context.getBean(Secrets.class) == secrets.get()));
			System.out.println("injected <" + context.getBean(AheadOfTimeApplication.class).word + ">");
			print(context);
			boolean refreshes = context.getBeanProvider(RefreshSchedule.class).getIfAvailable() != null;
			if (refreshes && !secrets.get().current().secrets().isEmpty()) {
				CalledListeners listeners = new CalledListeners(secrets.get());
				change(context);
				System.out.println("changed " + secrets.get().refresh());
				listeners.awaitCurrent();
				print(context);
			}
		}
	}

	private static void print(ApplicationContext context) throws SQLException {
		System.out.println("read <" + context.getEnvironment().getProperty("WORD") + ">");
		System.out.println("bound <" + context.getBean(Bound.class).word + ">");
		System.out.println("live <" + context.getBean(Live.class).word().get() + "> <"
				+ context.getBean(AheadOfTimeApplication.class).live.get() + ">");
		System.out.println("connected as " + Database.userOf(context.getBean(DataSource.class)));
	}

	private static void change(ApplicationContext context) throws IOException, SQLException {
		try (Connection connection = context.getBean(DataSource.class).getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE USER IF NOT EXISTS TWO PASSWORD 'same' ADMIN");
		}
		Path file = Path.of(context.getEnvironment().getRequiredProperty("ecs-secrets.file.location"));
		Files.copy(file.resolveSibling("changed.json"), file, StandardCopyOption.REPLACE_EXISTING);
	}

	@ConfigurationProperties("bound")
	record Live(LiveSecret word) {

	}

	@ConfigurationProperties("bound")
	static class Bound {

		private String word;

		public String getWord() {
			return this.word;
		}

		public void setWord(String word) {
			this.word = word;
		}

	}

}
