// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.actuate.web.exchanges.InMemoryHttpExchangeRepository;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.metrics.buffering.BufferingApplicationStartup;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * An application that uses secrets in every way, and does by request what an application
 * does by itself.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties({ CanaryApplication.Mutable.class, CanaryApplication.Fixed.class })
class CanaryApplication {

	/**
	 * What the application prints on purpose.
	 */
	static final String PLANTED = "Planted \"" + Canaries.letters("planted") + "\\ä\n&%~~~???>>>~~~???>>>~~";

	private static final Log logger = LogFactory.getLog(CanaryApplication.class);

	public static void main(String[] args) {
		new SpringApplicationBuilder(CanaryApplication.class)
			.applicationStartup(new BufferingApplicationStartup(10_000))
			.run(args);
	}

	@Bean
	InMemoryHttpExchangeRepository httpExchanges() {
		return new InMemoryHttpExchangeRepository();
	}

	@Bean
	ApplicationRunner boundSecrets(Fixed fixed, Mutable mutable, Scoped scoped, @Value("${PLAIN}") String plain,
			@Value("${PLAIN}") LiveSecret live) {
		return (args) -> logger.info("Secrets are bound: " + (fixed.token.equals(plain) && plain.equals(mutable.token)
				&& plain.equals(scoped.token()) && plain.equals(fixed.live.get()) && plain.equals(live.get())
				&& fixed.list.size() == 2 && fixed.map.size() == 2) + ", live as " + fixed.live + " and " + live);
	}

	@Bean
	@RefreshScope
	Scoped scoped(@Value("${PLAIN}") String plain) {
		return new Scoped(plain);
	}

	@Bean
	@ConditionalOnProperty(name = "PLAIN", havingValue = "another")
	Object neverByProperty() {
		return new Object();
	}

	@Bean
	@ConditionalOnExpression("'${LETTERS}' == 'another'")
	Object neverByExpression() {
		return new Object();
	}

	@EventListener
	void onRefresh(SecretsRefreshedEvent event) {
		logger.debug("Heard of " + event + " and " + event.getSource());
	}

	/**
	 * What has a secret until the next start.
	 */
	@ConfigurationProperties("canary.fixed")
	record Fixed(String token, List<String> list, Map<String, String> map, LiveSecret live) {

		/**
		 * An application that takes care of what it prints.
		 */
		@Override
		public String toString() {
			return "fixed";
		}

	}

	/**
	 * What is bound again.
	 */
	@ConfigurationProperties("canary.mutable")
	static class Mutable {

		private @Nullable String token;

		private @Nullable String url;

		public @Nullable String getToken() {
			return this.token;
		}

		public void setToken(String token) {
			this.token = token;
		}

		public @Nullable String getUrl() {
			return this.url;
		}

		public void setUrl(String url) {
			this.url = url;
		}

	}

	/**
	 * What is made again.
	 */
	static class Scoped {

		private final @Nullable String token;

		// For its proxy.
		Scoped() {
			this(null);
		}

		Scoped(@Nullable String token) {
			this.token = token;
		}

		@Nullable String token() {
			return this.token;
		}

	}

	/**
	 * What may be asked of the application.
	 */
	@RestController
	static class Requests {

		private final ConfigurableEnvironment environment;

		private final Secrets secrets;

		private final DataSource dataSource;

		Requests(ConfigurableEnvironment environment, Secrets secrets, DataSource dataSource) {
			this.environment = environment;
			this.secrets = secrets;
			this.dataSource = dataSource;
		}

		@PostMapping("/refresh")
		String refresh() {
			return attempt(() -> this.secrets.refresh().toString());
		}

		@PostMapping("/evict")
		void evict() throws SQLException {
			this.dataSource.unwrap(HikariDataSource.class).getHikariPoolMXBean().softEvictConnections();
		}

		@GetMapping("/user")
		String user() {
			return attempt(() -> {
				try {
					return "logged in " + !Database.userOf(this.dataSource).isEmpty();
				}
				catch (SQLException ex) {
					throw new IllegalStateException(ex);
				}
			});
		}

		@GetMapping("/look-up")
		String lookUp(@RequestParam("name") String name) {
			return name + " is there: " + this.environment.containsProperty(name) + ", in "
					+ this.environment.getPropertySources().get(SecretsPropertySource.NAME);
		}

		@GetMapping("/fail")
		void fail() {
			throw new IllegalStateException("The application fails");
		}

		/**
		 * Logs what stands beside a secret, its value as it is encoded.
		 */
		@PostMapping("/plant")
		void plant(@RequestParam("encoding") String encoding) {
			logger.debug("Planted in " + encoding + ": " + Canaries.ENCODINGS.get(encoding).apply(PLANTED));
		}

		@PostMapping("/print-sources")
		void printSources() {
			logger.debug(this.environment.getPropertySources().stream().toList());
		}

		/**
		 * Logs that what follows belongs to a part of the application's life.
		 */
		@PostMapping("/begin")
		void begin(@RequestParam("part") String part) {
			logger.debug("=== " + part + " begins");
		}

		/**
		 * Logs and answers what fails, with all that it says.
		 */
		private static String attempt(Supplier<String> attempt) {
			try {
				return attempt.get();
			}
			catch (RuntimeException ex) {
				logger.error("Attempt failed", ex);
				return "failed: " + ex;
			}
		}

	}

}
