package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.type.AnnotationMetadata;

/**
 * An application with everything that a refresh reaches. It prints what it has, refreshes
 * after the file has changed, prints again, and then asks for beans whose secrets cannot
 * be converted.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(AheadOfTimeApplication.Bound.class)
@Import(AheadOfTimeApplication.FailingBeans.class)
class AheadOfTimeApplication {

	private static final List<Class<?>> FAILING = List.of(ValueFreeInjectionTests.OfField.class,
			ValueFreeInjectionTests.OfConstructor.class, ValueFreeInjectionTests.OfSetter.class,
			ValueFreeInjectionTests.OfInjected.class, ValueFreeInjectionTests.OfOtherProperty.class,
			ValueFreeInjectionTests.OfPart.class, ValueFreeInjectionTests.OfProvider.class,
			ValueFreeInjectionTests.OfOptional.class, ValueFreeInjectionTests.OfExpression.class,
			ValueFreeInjectionTests.OfAnnotation.class, FailingProperties.class);

	@Value("${WORD}")
	String word;

	public static void main(String[] args) throws IOException, SQLException {
		AtomicReference<SecretsLoader> loader = new AtomicReference<>();
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(AheadOfTimeApplication.class)
			.web(WebApplicationType.NONE)
			.addBootstrapRegistryInitializer((registry) -> registry.addCloseListener(
					(event) -> loader.set(event.getBootstrapContext().getOrElse(SecretsLoader.class, null))))
			.run(args)) {
			System.out.println("one loader " + (context.getBean(SecretsLoader.class) == loader.get()));
			System.out.println("injected <" + context.getBean(AheadOfTimeApplication.class).word + ">");
			print(context);
			SecretsRefresher refresher = context.getBeanProvider(SecretsRefresher.class).getIfAvailable();
			if (refresher != null) {
				change(context);
				System.out.println("changed " + refresher.refresh());
				print(context);
			}
			askForFailing(context);
		}
	}

	private static void print(ApplicationContext context) throws SQLException {
		System.out.println("read <" + context.getEnvironment().getProperty("WORD") + ">");
		System.out.println("bound <" + context.getBean(Bound.class).word + ">");
		System.out.println("connected as " + Database.userOf(context.getBean(DataSource.class)));
	}

	private static void change(ApplicationContext context) throws IOException, SQLException {
		try (Connection connection = context.getBean(DataSource.class).getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("CREATE USER TWO PASSWORD 'same' ADMIN");
		}
		Path file = Path.of(context.getEnvironment().getRequiredProperty("ecs-secrets.file.location"));
		Files.copy(file.resolveSibling("changed.json"), file, StandardCopyOption.REPLACE_EXISTING);
	}

	private static void askForFailing(ApplicationContext context) {
		for (String bean : failing()) {
			try {
				context.getBean(bean);
			}
			catch (BeansException ex) {
				ex.printStackTrace(System.out);
			}
		}
	}

	static List<String> failing() {
		return Stream.concat(Stream.of("number"), FAILING.stream().map(Class::getName)).toList();
	}

	@Bean
	@Lazy
	Object number(@Value("${TOKEN}") Integer number) {
		return number;
	}

	static class FailingBeans implements ImportBeanDefinitionRegistrar {

		@Override
		public void registerBeanDefinitions(AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
			for (Class<?> type : FAILING) {
				RootBeanDefinition definition = new RootBeanDefinition(type);
				definition.setLazyInit(true);
				registry.registerBeanDefinition(type.getName(), definition);
			}
		}

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

	@ConfigurationProperties("failing")
	static class FailingProperties {

		private int number;

		public int getNumber() {
			return this.number;
		}

		public void setNumber(int number) {
			this.number = number;
		}

	}

}
