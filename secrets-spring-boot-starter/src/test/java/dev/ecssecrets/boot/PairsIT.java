// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.cloud.SecretsSpringCloudAutoConfiguration;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A user and a password that rotate together, in a tight loop, while both are read in
 * every way: which ways never mix two versions. {@code -Dpairs.seconds=600} makes it run
 * for longer.
 */
class PairsIT {

	private static final int SECONDS = Integer.getInteger("pairs.seconds", 5);

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final Map<String, Reads> guaranteed = new LinkedHashMap<>();

	private final Map<String, Reads> others = new LinkedHashMap<>();

	@Test
	void readsThatBelongTogetherMixNoVersions() throws Exception {
		try (ConfigurableApplicationContext context = run(
				"spring.autoconfigure.exclude=" + SecretsSpringCloudAutoConfiguration.class.getName());
				AnnotationConfigApplicationContext child = new AnnotationConfigApplicationContext()) {
			child.setParent(context);
			child.register(Child.class);
			child.refresh();
			Secrets secrets = context.getBean(Secrets.class);
			Environment environment = context.getEnvironment();
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			this.guaranteed.put("record", new Reads(() -> context.getBean(PairRecord.class).isPair()));
			this.guaranteed.put("record of a child context", new Reads(() -> child.getBean(PairRecord.class).isPair()));
			this.guaranteed.put("JavaBean", new Reads(() -> context.getBean("javaBean", Pair.class).isPair()));
			this.guaranteed.put("Secrets.current()", new Reads(() -> isPair(secrets.current())));
			this.guaranteed.put("Secrets.readTogether", new Reads(() -> {
				boolean[] pair = new boolean[1];
				secrets.readTogether(() -> pair[0] = isPair(environment));
				return pair[0];
			}));
			this.guaranteed.put("connection pool", new Reads(() -> {
				Credentials credentials = pool.getCredentialsProvider().getCredentials();
				return isPair(credentials.getUsername(), credentials.getPassword());
			}));
			this.others.put("two getProperty", new Reads(() -> isPair(environment)));
			this.others.put("Binder of the application",
					new Reads(() -> Binder.get(environment).bindOrCreate("pair", PairRecord.class).isPair()));
			this.others.put("placeholders", new Reads(() -> {
				String[] parts = environment.resolveRequiredPlaceholders("${DB_USER}:${DB_PASSWORD}").split(":", 2);
				return isPair(parts[0], parts[1]);
			}));
			readWhileRotating(context);
		}
		assertGuaranteed();
	}

	@Test
	void beansThatAreBoundAgainMixNoVersions() throws Exception {
		try (ConfigurableApplicationContext context = run("ecs-secrets.refresh.refresh-scope=true")) {
			this.guaranteed.put("beans bound again, and listener", context.getBean(Rebound.class).reads);
			this.guaranteed.put("record", new Reads(() -> context.getBean(PairRecord.class).isPair()));
			this.others.put("@RefreshScope with @Value", new Reads(() -> context.getBean(ScopedValues.class).isPair()));
			readWhileRotating(context);
		}
		assertGuaranteed();
	}

	private void assertGuaranteed() {
		assertThat(this.guaranteed).allSatisfy((kind, reads) -> {
			assertThat(reads.all.sum()).as("reads").isPositive();
			assertThat(reads.mixed.sum()).as("reads that mix versions").isZero();
		});
	}

	private void readWhileRotating(ConfigurableApplicationContext context) throws Exception {
		CountDownLatch done = new CountDownLatch(1);
		ExecutorService threads = Executors.newCachedThreadPool();
		Future<Integer> rotations = threads.submit(() -> {
			int version = 0;
			while (done.getCount() > 0) {
				version++;
				rotate(version);
				context.getBean(Secrets.class).refresh();
			}
			return version;
		});
		List<Future<?>> readers = List.of(threads.submit(() -> repeat(this.guaranteed, done)),
				threads.submit(() -> repeat(this.guaranteed, done)), threads.submit(() -> repeat(this.others, done)));
		try {
			assertThat(done.await(SECONDS, TimeUnit.SECONDS)).isFalse();
		}
		finally {
			done.countDown();
			threads.shutdown();
		}
		for (Future<?> reader : readers) {
			reader.get();
		}
		print(rotations.get());
	}

	private static void repeat(Map<String, Reads> kinds, CountDownLatch done) {
		while (done.getCount() > 0) {
			kinds.values().forEach(Reads::read);
		}
	}

	@SuppressWarnings("SystemOut")
	private void print(int rotations) {
		System.out.printf("%,d rotations in %d s%n", rotations, SECONDS);
		this.guaranteed.forEach((kind, reads) -> System.out.println("  guaranteed: " + kind + ": " + reads));
		this.others.forEach((kind, reads) -> System.out.println("  not guaranteed: " + kind + ": " + reads));
	}

	private void rotate(int version) {
		this.store.put(SECRET, "{\"user\":\"user-%d\",\"password\":\"password-%d\"}".formatted(version, version));
	}

	private ConfigurableApplicationContext run(String... properties) {
		rotate(0);
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0", "ecs-secrets.refresh.clients=true",
					"ecs-secrets.secrets[0].name=DB_USER", "ecs-secrets.secrets[0].value-from=" + SECRET + ":user::",
					"ecs-secrets.secrets[1].name=DB_PASSWORD",
					"ecs-secrets.secrets[1].value-from=" + SECRET + ":password::", "pair.user=${DB_USER}",
					"pair.password=${DB_PASSWORD}", "pair.both=${DB_USER}:${DB_PASSWORD}",
					"spring.datasource.url=jdbc:h2:mem:pairs", "spring.datasource.username=${DB_USER}",
					"spring.datasource.password=${DB_PASSWORD}", "logging.level.dev.ecssecrets=warn")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.store)))
			.properties(properties)
			.run();
	}

	private static boolean isPair(Environment environment) {
		return isPair(environment.getProperty("DB_USER"), environment.getProperty("DB_PASSWORD"));
	}

	private static boolean isPair(SecretsSnapshot snapshot) {
		return isPair(snapshot.value("DB_USER").reveal(), snapshot.value("DB_PASSWORD").reveal());
	}

	private static boolean isPair(String user, String password) {
		return user.replace("user", "password").equals(password);
	}

	/**
	 * Reads of one kind, and how many of them mixed two versions.
	 */
	private static final class Reads {

		// None if the application itself reads.
		private final BooleanSupplier read;

		private final LongAdder all = new LongAdder();

		private final LongAdder mixed = new LongAdder();

		Reads(BooleanSupplier read) {
			this.read = read;
		}

		void read() {
			if (this.read != null) {
				add(this.read.getAsBoolean());
			}
		}

		void add(boolean pair) {
			this.all.increment();
			if (!pair) {
				this.mixed.increment();
			}
		}

		@Override
		public String toString() {
			return "%,d of %,d reads mix versions, %,.0f in a million".formatted(this.mixed.sum(), this.all.sum(),
					1e6 * this.mixed.sum() / Math.max(this.all.sum(), 1));
		}

	}

	@ConfigurationProperties("pair")
	@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
	record PairRecord(String user, String password, String both) {

		boolean isPair() {
			return PairsIT.isPair(this.user, this.password) && this.both.equals(this.user + ":" + this.password);
		}

	}

	static class Pair {

		private String user;

		private String password;

		private String both;

		public void setUser(String user) {
			this.user = user;
		}

		public void setPassword(String password) {
			this.password = password;
		}

		public void setBoth(String both) {
			this.both = both;
		}

		boolean isPair() {
			return PairsIT.isPair(this.user, this.password) && this.both.equals(this.user + ":" + this.password);
		}

	}

	/**
	 * A bean that Spring Cloud binds again. When it has done so with both beans of this
	 * type, they are of the same version, as is the environment.
	 */
	@ConfigurationProperties("pair")
	static class ReboundPair extends Pair implements InitializingBean {

		private final Reads reads;

		ReboundPair(Reads reads) {
			this.reads = reads;
		}

		@Override
		public void afterPropertiesSet() {
			this.reads.add(isPair());
		}

	}

	static class Rebound {

		private final Reads reads;

		private final Environment environment;

		private final ReboundPair first;

		private final ReboundPair second;

		Rebound(Environment environment, ReboundPair first, ReboundPair second) {
			this.environment = environment;
			this.first = first;
			this.second = second;
			this.reads = first.reads;
		}

		@EventListener
		@Order(Ordered.LOWEST_PRECEDENCE)
		public void on(EnvironmentChangeEvent event) {
			this.reads.add(((Pair) this.first).user.equals(((Pair) this.second).user)
					&& PairsIT.isPair(((Pair) this.first).user, this.environment.getProperty("DB_PASSWORD"))
					&& PairsIT.isPair(this.environment));
		}

	}

	static class ScopedValues {

		private final String user;

		private final String password;

		ScopedValues(String user, String password) {
			this.user = user;
			this.password = password;
		}

		boolean isPair() {
			return PairsIT.isPair(this.user, this.password);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableConfigurationProperties(PairRecord.class)
	static class Application {

		@Bean
		@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
		@ConfigurationProperties("pair")
		static Pair javaBean() {
			return new Pair();
		}

		@Bean
		static Reads reads() {
			return new Reads(null);
		}

		@Bean
		static ReboundPair first(Reads reads) {
			return new ReboundPair(reads);
		}

		@Bean
		static ReboundPair second(Reads reads) {
			return new ReboundPair(reads);
		}

		@Bean
		static Rebound rebound(Environment environment, ReboundPair first, ReboundPair second) {
			return new Rebound(environment, first, second);
		}

		@Bean
		@RefreshScope
		static ScopedValues scopedValues(@Value("${DB_USER}") String user, @Value("${DB_PASSWORD}") String password) {
			return new ScopedValues(user, password);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(PairRecord.class)
	static class Child {

	}

}
