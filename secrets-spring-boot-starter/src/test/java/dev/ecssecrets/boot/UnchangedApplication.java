// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.beans.factory.config.Scope;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.actuate.endpoint.web.WebEndpointsSupplier;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cache.CacheManager;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * An application with an environment variable {@code TOKEN}, that knows nothing of this
 * library, and prints facts about itself: {@code name=value}.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableCaching
@EnableConfigurationProperties(UnchangedApplication.Bound.class)
class UnchangedApplication {

	public static void main(String[] args) {
		try (ConfigurableApplicationContext context = SpringApplication.run(UnchangedApplication.class, args)) {
			facts(context).forEach((name, fact) -> System.out.println("FACT " + name + "=" + fact));
		}
	}

	private static Map<String, Object> facts(ConfigurableApplicationContext context) {
		DefaultListableBeanFactory beanFactory = (DefaultListableBeanFactory) context.getBeanFactory();
		Injected injected = context.getBean(Injected.class);
		Map<String, Object> facts = new TreeMap<>();
		facts.put("token", injected.token.length() + " " + context.getBean(Bound.class).token.length());
		facts.put("resolver", type(beanFactory.getAutowireCandidateResolver()));
		facts.put("expression-resolver", type(beanFactory.getBeanExpressionResolver()));
		facts.put("conversion-service", type(beanFactory.getConversionService()));
		facts.put("type-converter", type(beanFactory.getTypeConverter()));
		facts.put("dependency-comparator", type(beanFactory.getDependencyComparator()));
		facts.put("scopes", Arrays.toString(beanFactory.getRegisteredScopeNames()));
		facts.put("evaluations", injected.evaluations);
		facts.put("conversions", Converted.conversions);
		facts.put("expression-of-scope", context.getBean(Scoped.class).name);
		facts.put("open-files", openFiles(injected.stream));
		facts.put("cache-manager", type(context.getBean(CacheManager.class)));
		facts.put("data-source", type(context.getBean(DataSource.class)));
		facts.put("user-of-pool", context.getEnvironment().getProperty("spring.datasource.username"));
		facts.put("bean-of-the-application", context.getBean("secretsRefresher"));
		facts.put("profiles", Arrays.toString(context.getEnvironment().getActiveProfiles()));
		facts.put("beans",
				new TreeSet<>(Stream
					.concat(Arrays.stream(beanFactory.getBeanDefinitionNames()),
							Arrays.stream(beanFactory.getSingletonNames()))
					.toList()));
		facts.put("endpoints",
				new TreeSet<>(context.getBean(WebEndpointsSupplier.class)
					.getEndpoints()
					.stream()
					.map((endpoint) -> endpoint.getEndpointId().toString())
					.toList()));
		facts.put("sources",
				context.getEnvironment().getPropertySources().stream().map((source) -> source.getName()).toList());
		facts.put("threads", new TreeSet<>(Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList()));
		return facts;
	}

	private static String type(Object object) {
		return (object != null) ? object.getClass().getName() : "none";
	}

	/**
	 * Returns how often the process has the file open that a bean reads.
	 */
	private static long openFiles(InputStream stream) {
		try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
			long open = files.filter((file) -> {
				try {
					return Files.readSymbolicLink(file).endsWith("opened.txt");
				}
				catch (IOException ex) {
					return false;
				}
			}).count();
			stream.close();
			return open;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Has the name of a type of this library.
	 */
	@Bean
	String secretsRefresher() {
		return "the application's own";
	}

	@Bean
	AtomicInteger counter() {
		return new AtomicInteger();
	}

	@Bean
	Injected injected(@Value("${TOKEN}") String token, @Value("#{counter.incrementAndGet()}") int first,
			@Value("#{counter.incrementAndGet() + '${TOKEN}'.length()}") int second,
			@Value("${TOKEN}") Converted converted, @Value("file:${folder}/${TOKEN}/opened.txt") InputStream stream,
			AtomicInteger counter) {
		return new Injected(token, counter.get(), stream);
	}

	@Bean
	static CustomScopeConfigurer scopes() {
		CustomScopeConfigurer scopes = new CustomScopeConfigurer();
		scopes.addScope("conversation", new ConversationScope());
		return scopes;
	}

	@Bean
	@org.springframework.context.annotation.Scope("conversation")
	Scoped scoped(@Value("#{conversation.get()} of ${TOKEN}") String name) {
		return new Scoped(name);
	}

	record Injected(String token, int evaluations, InputStream stream) {

	}

	record Scoped(String name) {

	}

	@ConfigurationProperties("bound")
	record Bound(String token) {

	}

	/**
	 * What a text is converted to by its constructor.
	 */
	static final class Converted {

		static int conversions;

		Converted(String text) {
			conversions++;
		}

		public static Converted valueOf(String text) {
			return new Converted(text);
		}

	}

	/**
	 * A scope that has an object for expressions, as the scope of a request has.
	 */
	static final class ConversationScope implements Scope {

		private final Map<String, Object> beans = new HashMap<>();

		@Override
		public Object get(String name, ObjectFactory<?> objectFactory) {
			return this.beans.computeIfAbsent(name, (key) -> objectFactory.getObject());
		}

		@Override
		public Object remove(String name) {
			return this.beans.remove(name);
		}

		@Override
		public void registerDestructionCallback(String name, Runnable callback) {
		}

		@Override
		public Object resolveContextualObject(String key) {
			Supplier<String> conversation = () -> "the conversation";
			return key.equals("conversation") ? conversation : null;
		}

		@Override
		public String getConversationId() {
			return "1";
		}

	}

}
