package dev.ecssecrets.boot;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The properties whose values come from secrets, be they the secrets themselves under
 * another name or whatever refers to them by placeholders. It is found out by trying:
 * with a marker for every secret, those are the ones that have it in their values.
 */
final class DependentProperties {

	// Neither an environment variable nor a file of properties has it by chance.
	private static final String MARKER = "\0secret\0";

	private final EnvironmentSnapshot marked;

	DependentProperties(ConfigurableEnvironment environment, Collection<String> secrets) {
		this(new EnvironmentSnapshot(environment));
		mark(this.marked.getPropertySources(), secrets);
	}

	private DependentProperties(EnvironmentSnapshot marked) {
		this.marked = marked;
	}

	/**
	 * Takes whatever has the name of a secret for one, whichever source it is from.
	 */
	static DependentProperties ofAnySource(ConfigurableEnvironment environment, Collection<String> secrets) {
		EnvironmentSnapshot marked = new EnvironmentSnapshot(environment);
		MutablePropertySources sources = marked.getPropertySources();
		PropertySource<?> processEnvironment = sources.get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
		sources.addFirst(new MarkedSource(SecretsPropertySource.NAME, markers(secrets),
				(processEnvironment != null) ? processEnvironment : sources.get(SecretsPropertySource.NAME)));
		return new DependentProperties(marked);
	}

	/**
	 * Finds those of injected secrets too, which no load can change.
	 */
	static DependentProperties ofInjectedToo(ConfigurableEnvironment environment, Collection<String> secrets) {
		DependentProperties properties = new DependentProperties(environment, secrets);
		String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
		MutablePropertySources sources = properties.marked.getPropertySources();
		if (sources.get(name) instanceof SystemEnvironmentPropertySource processEnvironment) {
			Map<String, Object> variables = new HashMap<>(processEnvironment.getSource());
			secrets.forEach((secret) -> variables.replace(secret, MARKER));
			sources.replace(name, new MarkedSource(name, variables, processEnvironment));
		}
		return properties;
	}

	private static void mark(MutablePropertySources sources, Collection<String> secrets) {
		PropertySource<?> own = sources.get(SecretsPropertySource.NAME);
		PropertySource<?> processEnvironment = sources.get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
		String name = SecretsPropertySource.NAME;
		if (own != null) {
			sources.replace(name, new MarkedSource(name, markers(secrets), own));
		}
		else if (processEnvironment != null) {
			sources.addBefore(processEnvironment.getName(),
					new MarkedSource(name, markers(secrets), processEnvironment));
		}
		else {
			sources.addLast(new MarkedSource(name, markers(secrets), null));
		}
	}

	private static Map<String, Object> markers(Collection<String> secrets) {
		Map<String, Object> markers = new HashMap<>();
		for (String secret : secrets) {
			markers.put(secret, MARKER);
		}
		return markers;
	}

	/**
	 * Whether the environment still has the sources that these are from.
	 */
	boolean areOf(ConfigurableEnvironment environment) {
		return this.marked.isOf(environment);
	}

	boolean contain(String property) {
		String value = this.marked.bind(property);
		return value != null && value.contains(MARKER);
	}

	/**
	 * Whether a text with placeholders refers to them.
	 */
	boolean areReferredToIn(String text) {
		try {
			return this.marked.resolvePlaceholders(text).contains(MARKER);
		}
		catch (IllegalArgumentException ex) {
			// It refers to itself.
			return false;
		}
	}

	boolean containAnyBelow(String prefix) {
		ConfigurationPropertyName parent = ConfigurationPropertyName.of(prefix);
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.marked)) {
			if (source instanceof IterableConfigurationPropertySource names) {
				for (ConfigurationPropertyName name : names) {
					if (parent.isAncestorOf(name) && contain(name.toString())) {
						return true;
					}
				}
			}
		}
		return false;
	}

	/**
	 * Bound as {@link SecretsPropertySource} is.
	 */
	private static final class MarkedSource extends SystemEnvironmentPropertySource implements PropertySourceInfo {

		private final @Nullable String prefix;

		MarkedSource(String name, Map<String, Object> values, @Nullable PropertySource<?> model) {
			super(name, values);
			this.prefix = (model instanceof PropertySourceInfo info) ? info.getPrefix() : null;
		}

		@Override
		public boolean isImmutable() {
			return true;
		}

		@Override
		public @Nullable String getPrefix() {
			return this.prefix;
		}

	}

}
