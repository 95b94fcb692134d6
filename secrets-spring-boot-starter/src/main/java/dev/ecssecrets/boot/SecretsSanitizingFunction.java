package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.context.properties.BoundConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Masks in what endpoints show the declared secrets, fetched or injected, the properties
 * that reach one by placeholder, and the texts that contain the value of one. Values are
 * read where they are, and not kept.
 */
final class SecretsSanitizingFunction implements SanitizingFunction, Ordered {

	private final ConfigurableApplicationContext context;

	private final ConfigurableEnvironment environment;

	private volatile Secrets secrets;

	private volatile BoundNames boundNames = new BoundNames(Map.of(), 0);

	SecretsSanitizingFunction(ConfigurableApplicationContext context) {
		this.context = context;
		this.environment = context.getEnvironment();
		this.secrets = Secrets.of(this.environment, Set.of());
	}

	/**
	 * The first that changes a value is the last that is asked.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public SanitizableData apply(SanitizableData data) {
		Secrets known = secrets();
		return (known.isNameOrReached(data) || isFromSecret(data.getKey(), known)
				|| containsValue(data.getValue(), known)) ? data.withSanitizedValue() : data;
	}

	private Secrets secrets() {
		Secrets known = this.secrets;
		if (!known.dependents.areOf(this.environment)) {
			known = Secrets.of(this.environment, known.names);
			this.secrets = known;
		}
		return known;
	}

	/**
	 * Whether a bean has bound the property to a secret, or what it is a part or a copy
	 * of.
	 */
	private boolean isFromSecret(String key, Secrets known) {
		BoundConfigurationProperties bound = BoundConfigurationProperties.get(this.context);
		if (bound == null) {
			return false;
		}
		BoundNames names = this.boundNames;
		if (names.size() != bound.getAll().size()) {
			names = BoundNames.of(bound.getAll().keySet());
			this.boundNames = names;
		}
		for (ConfigurationPropertyName name : names.related(key)) {
			ConfigurationProperty property = bound.get(name);
			if (known.isName(name.toString()) || (property != null && known.isReachedBy(property.getValue()))) {
				return true;
			}
		}
		return false;
	}

	private boolean containsValue(@Nullable Object value, Secrets known) {
		String text = (value instanceof CharSequence || value instanceof Number) ? value.toString() : "";
		if (text.length() < SecretTraces.UNMISTAKABLE) {
			return false;
		}
		MutablePropertySources sources = this.environment.getPropertySources();
		return containsValue(text, known, sources.get(SecretsPropertySource.NAME))
				|| containsValue(text, known, sources.get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME));
	}

	private static boolean containsValue(String text, Secrets known, @Nullable PropertySource<?> source) {
		if (source != null) {
			for (String name : known.names) {
				// The names are exact: no other spellings need to be tried.
				Object secret = (source instanceof SystemEnvironmentPropertySource variables)
						? variables.getSource().get(name) : source.getProperty(name);
				if (secret != null && secret.toString().length() >= SecretTraces.UNMISTAKABLE
						&& text.contains(secret.toString())) {
					return true;
				}
			}
		}
		return false;
	}

	/**
	 * Returns what all spellings of a name have in common, with its elements still apart:
	 * {@code app.list.0.apikey}.
	 */
	private static String uniform(String name) {
		StringBuilder uniform = new StringBuilder(name.length());
		for (int i = 0; i < name.length(); i++) {
			char c = name.charAt(i);
			if (Character.isLetterOrDigit(c)) {
				uniform.append(Character.toLowerCase(c));
			}
			else if (c == '.' || c == '[') {
				uniform.append('.');
			}
		}
		return uniform.toString();
	}

	/**
	 * As an environment variable tells elements and words not apart, neither does this.
	 */
	private static String flat(String name) {
		return uniform(name).replace(".", "");
	}

	/**
	 * What is known of the secrets as long as the property sources are the same.
	 */
	private static final class Secrets {

		private final Set<String> names;

		private final Set<String> flatNames;

		private final DependentProperties dependents;

		private Secrets(Set<String> names, Set<String> flatNames, DependentProperties dependents) {
			this.names = names;
			this.flatNames = flatNames;
			this.dependents = dependents;
		}

		/**
		 * Creates one that knows all that was known before too: a task definition may not
		 * be there any more.
		 */
		static Secrets of(ConfigurableEnvironment environment, Set<String> before) {
			Set<String> names = new TreeSet<>(before);
			names.addAll(SecretTraces.names(environment));
			PropertySource<?> injected = environment.getPropertySources()
				.get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
			return new Secrets(names, flatNames(names, injected), DependentProperties.ofAnySource(environment, names));
		}

		private static Set<String> flatNames(Collection<String> names, @Nullable PropertySource<?> injected) {
			String prefix = (injected instanceof PropertySourceInfo info && info.getPrefix() != null)
					? flat(info.getPrefix()) : "";
			Set<String> flatNames = new HashSet<>();
			for (String name : names) {
				String flatName = flat(name);
				flatNames.add(flatName);
				if (flatName.startsWith(prefix)) {
					flatNames.add(flatName.substring(prefix.length()));
				}
			}
			flatNames.remove("");
			return flatNames;
		}

		boolean isName(String key) {
			return this.flatNames.contains(flat(key));
		}

		boolean isNameOrReached(SanitizableData data) {
			PropertySource<?> source = data.getPropertySource();
			// SPRING_APPLICATION_JSON is a source as a whole.
			return isName(data.getKey())
					|| (source != null && (isName(source.getName()) || isReachedBy(source.getProperty(data.getKey()))));
		}

		/**
		 * Whether a value, as it is before placeholders are resolved, reaches a secret.
		 */
		boolean isReachedBy(@Nullable Object value) {
			return value instanceof String text && text.contains("${") && this.dependents.areReferredToIn(text);
		}

	}

	/**
	 * The names of what beans have bound, by their uniform form.
	 *
	 * @param byForm the names
	 * @param size how many there are
	 */
	private record BoundNames(Map<String, List<ConfigurationPropertyName>> byForm, int size) {

		static BoundNames of(Collection<ConfigurationPropertyName> names) {
			Map<String, List<ConfigurationPropertyName>> byForm = new HashMap<>();
			for (ConfigurationPropertyName name : names) {
				byForm.computeIfAbsent(uniform(name.toString()), (form) -> new ArrayList<>()).add(name);
			}
			return new BoundNames(byForm, names.size());
		}

		/**
		 * Returns itself and its ancestors. If none is the property itself, also those
		 * that it may be a copy of: {@code spring.datasource.password} is what
		 * {@code spring.datasource.hikari.password} had at first.
		 */
		List<ConfigurationPropertyName> related(String key) {
			String form = uniform(key);
			String last = form.substring(form.lastIndexOf('.') + 1);
			boolean bound = this.byForm.containsKey(form);
			List<ConfigurationPropertyName> related = new ArrayList<>();
			for (int end = form.length(); end > 0; end = form.lastIndexOf('.', end - 1)) {
				String ancestor = form.substring(0, end);
				related.addAll(this.byForm.getOrDefault(ancestor, List.of()));
				if (!bound) {
					related.addAll(this.byForm.getOrDefault(ancestor + "." + last, List.of()));
				}
			}
			return related;
		}

	}

}
