package dev.ecssecrets.boot;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import org.apache.commons.logging.Log;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.logging.DeferredLogFactory;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.metrics.StartupStep;

/**
 * Resolves the declared secrets before any bean is made, as soon as the configuration
 * files that declare them are read.
 */
class SecretsEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

	static final String STEP = "ecs.secrets.resolve";

	// In between, a test may say where its secrets are.
	static final int ORDER = ConfigDataEnvironmentPostProcessor.ORDER + 2;

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
		MutablePropertySources sources = environment.getPropertySources();
		if (sources.contains(BOOTSTRAP) || Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING)) {
			return;
		}
		SecretsProperties properties = SecretsProperties.get(environment);
		if (!properties.enabled()) {
			return;
		}
		List<UnknownKey> unknownKeys = UnknownKey.find(environment);
		if (properties.secrets().isEmpty() && properties.taskDefinition() == null && unknownKeys.isEmpty()) {
			return;
		}
		for (UnknownKey key : unknownKeys) {
			if (!key.isMistake()) {
				this.logger.warn(PrintableText.of(key.toString()) + " is not a key of this library");
			}
		}
		SecretDeclarations declarations = new SecretDeclarationsReader(environment, properties, unknownKeys).read();
		declarations.warnings().forEach(this.logger::warn);
		SecretsLoader loader = SecretsLoader.get(this.bootstrapContext, this.logger);
		StartupStep step = application.getApplicationStartup().start(STEP);
		ResolvedSecrets secrets = loader.load(environment, properties, declarations);
		step.tag("injected", () -> Integer.toString(secrets.injected().size()))
			.tag("fetched", () -> Integer.toString(secrets.fetched().size()))
			.tag("absent", () -> Integer.toString(secrets.absent().size()))
			.tag("calls", () -> Integer.toString(secrets.calls()))
			.end();
		SecretsPropertySource.of(secrets, sources)
			.putInto(sources, loader.keys(properties::refresh).overrideInjected());
		if (!declarations.all().isEmpty()) {
			log(secrets);
		}
	}

	private void log(ResolvedSecrets secrets) {
		Set<String> sources = new TreeSet<>();
		for (Fetched fetched : secrets.fetched()) {
			sources.add(fetched.source().name());
		}
		this.logger.info("Secrets: " + secrets.injected().size() + " injected, " + secrets.fetched().size() + " fetched"
				+ (sources.isEmpty() ? "" : " from " + String.join(", ", sources))
				+ (secrets.absent().isEmpty() ? "" : ", " + secrets.absent().size() + " optional and absent") + " ("
				+ secrets.calls() + " calls, " + secrets.elapsed().toMillis() + " ms)");
		for (Fetched fetched : secrets.fetched()) {
			if (fetched.warning() != null) {
				this.logger.warn(PrintableText.of(fetched.declaration().name()) + " " + fetched.warning());
			}
		}
		for (SecretDeclaration declaration : secrets.injected()) {
			this.logger.debug(PrintableText.of(declaration.name()) + " is injected");
		}
		for (Fetched fetched : secrets.fetched()) {
			this.logger.debug(PrintableText.of(fetched.declaration().name()) + " is fetched from " + fetched.source());
		}
		for (SecretDeclaration declaration : secrets.absent()) {
			this.logger.debug(PrintableText.of(declaration.name()) + " is optional and absent");
		}
	}

}
