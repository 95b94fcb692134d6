// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.boot.SecretStatus.State;
import dev.ecssecrets.boot.SecretsLoader.Outcome;
import dev.ecssecrets.boot.SecretsProperties.Store;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.AotDetector;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.Ordered;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.metrics.ApplicationStartup;
import org.springframework.core.metrics.StartupStep;

/**
 * Environment post-processor that loads the declared secrets before any bean is created,
 * as soon as the configuration files that declare them are read. Registered by this
 * library; only its {@linkplain #ORDER order} is for others.
 *
 * @since 0.1.0
 */
public final class SecretsEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	/**
	 * The order. What secrets need, such as a property that declares them, has to be in
	 * the {@code Environment} before: by a post-processor of an order below this one and
	 * above {@link ConfigDataEnvironmentPostProcessor#ORDER}, if it needs configuration
	 * files itself. A post-processor of an order above this one sees the values.
	 */
	public static final int ORDER = ConfigDataEnvironmentPostProcessor.ORDER + 2;

	/**
	 * How many injected names are logged.
	 */
	private static final int LISTED = 10;

	static final String STEP = "ecs.secrets.resolve";

	// That of SecretsPropertiesBinder, which an application without a key does not load.
	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(SecretsProperties.PREFIX);

	// The environment of Spring Cloud's legacy bootstrap context, whose own run comes
	// later.
	private static final String BOOTSTRAP = "bootstrap";

	private final Log logger;

	private final ConfigurableBootstrapContext bootstrapContext;

	SecretsEnvironmentPostProcessor(DeferredLogFactory logFactory, ConfigurableBootstrapContext bootstrapContext) {
		this.logger = logFactory.getLog(getClass());
		this.bootstrapContext = bootstrapContext;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (environment.getPropertySources().contains(BOOTSTRAP)) {
			return;
		}
		this.bootstrapContext.addCloseListener((event) -> addLiveSecrets(event.getApplicationContext()));
		Secrets secrets = this.bootstrapContext.getOrElse(Secrets.class, null);
		// Beans that need it are generated where it was needed then.
		boolean needed = secrets != null || AotDetector.useGeneratedArtifacts();
		if (!needed && !mayBeMentioned(environment)) {
			return;
		}
		SecretsConfiguration configuration = needed ? SecretsConfigurationReader.readAgain(environment)
				: SecretsConfigurationReader.read(environment);
		if (configuration == null) {
			return;
		}
		for (String warning : configuration.warnings()) {
			this.logger.warn(warning);
		}
		if (secrets == null) {
			secrets = SecretsBean.register(this.bootstrapContext, configuration, this.logger);
			if (!configuration.unbindable().isEmpty()) {
				this.bootstrapContext.addCloseListener((event) -> UnreadSecretsWarning
					.addTo(event.getApplicationContext(), configuration.unbindable()));
			}
			if (configuration.properties().store() == Store.PLACEHOLDER) {
				this.bootstrapContext.addCloseListener((event) -> TrainingRun.mustEnd(event.getApplicationContext()));
			}
		}
		if (!Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			load(secrets, configuration, environment, application.getApplicationStartup());
		}
	}

	/**
	 * Adds what {@link LiveSecret} needs, where no secrets are declared too: a value may
	 * come from anywhere. Auto-configuration would leave it out in slices of tests.
	 */
	private static void addLiveSecrets(ConfigurableApplicationContext context) {
		LiveSecretBindHandlerAdvisor.addTo(context);
		LiveSecretConverter.addTo(context);
	}

	/**
	 * Returns whether there may be a key. An application that has none loads nothing
	 * else.
	 */
	private static boolean mayBeMentioned(ConfigurableEnvironment environment) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source.containsDescendantOf(PREFIX) != ConfigurationPropertyState.ABSENT) {
				return true;
			}
		}
		return false;
	}

	private void load(Secrets secrets, SecretsConfiguration configuration, ConfigurableEnvironment environment,
			ApplicationStartup startup) {
		StartupStep step = startup.start(STEP);
		try {
			Outcome outcome = secrets.prepare(environment, configuration);
			SecretsSnapshot snapshot = secrets.current();
			int calls = (outcome != null) ? outcome.load().calls().size() : 0;
			step.tag("injected", Integer.toString(snapshot.count(State.INJECTED)))
				.tag("overridden", Integer.toString(snapshot.count(State.OVERRIDDEN)))
				.tag("fetched", Integer.toString(snapshot.count(State.FETCHED)))
				.tag("absent", Integer.toString(snapshot.count(State.ABSENT)))
				.tag("calls", Integer.toString(calls));
			if (!configuration.declarations().isEmpty()) {
				log(snapshot, outcome);
			}
		}
		finally {
			step.end();
		}
	}

	private void log(SecretsSnapshot snapshot, @Nullable Outcome outcome) {
		int overridden = snapshot.count(State.OVERRIDDEN);
		int absent = snapshot.count(State.ABSENT);
		this.logger.info("Secrets: " + snapshot.count(State.INJECTED) + " injected" + injectedNames(snapshot)
				+ ((overridden == 0) ? "" : ", " + overridden + " overridden") + ", " + snapshot.count(State.FETCHED)
				+ " fetched" + sources(snapshot) + ((absent == 0) ? "" : ", " + absent + " optional and absent") + " ("
				+ facts(snapshot, outcome) + ")");
		if (this.logger.isDebugEnabled()) {
			for (SecretStatus secret : snapshot.secrets()) {
				this.logger.debug(new Line(secret));
			}
		}
	}

	private static String injectedNames(SecretsSnapshot snapshot) {
		List<String> names = new ArrayList<>();
		for (SecretStatus secret : snapshot.secrets()) {
			if (secret.state() == State.INJECTED) {
				names.add(secret.name());
			}
		}
		int others = names.size() - LISTED;
		String listed = String.join(", ", (others > 0) ? names.subList(0, LISTED) : names);
		return names.isEmpty() ? ""
				: " (" + PrintableText.of(listed) + ((others > 0) ? " and " + others + " more" : "") + ")";
	}

	private static String sources(SecretsSnapshot snapshot) {
		Set<String> sources = new TreeSet<>();
		for (SecretStatus secret : snapshot.secrets()) {
			if (secret.source() != null) {
				sources.add(secret.source().name());
			}
		}
		return sources.isEmpty() ? "" : " from " + String.join(", ", sources);
	}

	private static String facts(SecretsSnapshot snapshot, @Nullable Outcome outcome) {
		if (outcome != null && outcome.failure() == null) {
			int calls = outcome.load().calls().size();
			return calls + ((calls == 1) ? " call, " : " calls, ") + outcome.load().elapsed().toMillis() + " ms";
		}
		Duration age = snapshot.age(Instant.now(), System.nanoTime());
		return "not loaded again" + ((age != null) ? ", values were fetched " + age.toSeconds() + " s ago" : "");
	}

	/**
	 * Line of the log that describes a secret. Its text is made when it is logged:
	 * logging is set up later, and until then all levels are on.
	 *
	 * @param secret the secret
	 */
	private record Line(SecretStatus secret) {

		@Override
		public String toString() {
			return PrintableText.of(this.secret.name()) + describe();
		}

		private String describe() {
			if (this.secret.source() != null) {
				return " is fetched from " + this.secret.source();
			}
			if (this.secret.state() == State.OVERRIDDEN) {
				return " is overridden by a property of the same name";
			}
			return (this.secret.state() == State.INJECTED) ? " is injected" : " is optional and absent";
		}

	}

}
