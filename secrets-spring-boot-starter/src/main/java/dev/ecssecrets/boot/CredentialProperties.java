// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.AbstractEnvironment;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.util.function.SingletonSupplier;

/**
 * Configuration properties with the values of one {@link SecretsSnapshot}: a user and a
 * password that are bound from the same instance belong together. For clients whose
 * credentials come from secrets, directly or by placeholders. Immutable.
 *
 * @since 0.1.0
 */
public final class CredentialProperties {

	// No configuration contains it by chance. A name follows.
	private static final String MARKER = "\0secret\0";

	private static final Pattern MARKED = Pattern.compile(MARKER + "([^\0]*)\0");

	private final EnvironmentCopy values;

	// Connections only bind values, and need no other copy.
	private final Supplier<EnvironmentCopy> marked;

	// An absent secret may have a default that refers to another one.
	private final Supplier<EnvironmentCopy> markedPresent;

	/**
	 * Creates the properties of an environment.
	 * @param environment the environment of an application
	 * @param snapshot the secrets that count
	 */
	public CredentialProperties(ConfigurableEnvironment environment, SecretsSnapshot snapshot) {
		this(environment.getPropertySources(), snapshot);
	}

	CredentialProperties(Iterable<PropertySource<?>> sources, SecretsSnapshot snapshot) {
		this(EnvironmentCopy.of(sources, snapshot), snapshot, snapshot.changeableNames(),
				snapshot.refresh().overrideInjected());
	}

	private CredentialProperties(EnvironmentCopy values, SecretsSnapshot snapshot, Set<String> names,
			boolean aboveInjected) {
		this.values = values;
		this.marked = SingletonSupplier.of(() -> values.marked(snapshot, names, aboveInjected));
		this.markedPresent = SingletonSupplier.of(() -> {
			Set<String> present = new TreeSet<>(names);
			present.removeIf((name) -> snapshot.value(name) == null);
			return present.equals(names) ? this.marked.get() : values.marked(snapshot, present, aboveInjected);
		});
	}

	/**
	 * Returns properties for which all secrets count, those that no load may change too.
	 */
	static CredentialProperties ofAllSecrets(ConfigurableEnvironment environment, SecretsSnapshot snapshot) {
		Set<String> names = snapshot.secrets().stream().map(SecretStatus::name).collect(Collectors.toSet());
		return new CredentialProperties(EnvironmentCopy.of(environment.getPropertySources(), snapshot), snapshot, names,
				true);
	}

	/**
	 * Returns the value that a bean would be bound to.
	 * @param property the name of a property in its canonical form, such as
	 * {@code spring.datasource.password}
	 * @return the value, or {@code null} if there is none or a placeholder in it cannot
	 * be resolved
	 */
	public @Nullable String bind(String property) {
		return bind(ConfigurationPropertyName.of(property));
	}

	@Nullable String bind(ConfigurationPropertyName property) {
		return this.values.bind(property);
	}

	/**
	 * Returns a text with the values that its placeholders refer to. Those that refer to
	 * nothing remain, as in the value of a property.
	 */
	String resolve(String text) {
		return this.values.resolvePlaceholders(text);
	}

	/**
	 * Returns whether the value of a property comes from a secret that another load may
	 * change. With a marker as the value of every such secret, that property contains the
	 * marker.
	 * @param property the name of a property in its canonical form
	 * @return {@code true} if the property is a secret, or refers to one by placeholders
	 */
	public boolean referencesSecret(String property) {
		return referencesSecret(ConfigurationPropertyName.of(property));
	}

	boolean referencesSecret(ConfigurationPropertyName property) {
		String value = this.marked.get().bind(property);
		return value != null && value.contains(MARKER);
	}

	/**
	 * Returns the secrets that the value of a property comes from, of those that another
	 * load may change.
	 * @param property the name of a property in its canonical form
	 * @return the names of the secrets, in alphabetical order
	 */
	public Set<String> secretsOf(String property) {
		return secretsOf(ConfigurationPropertyName.of(property));
	}

	private Set<String> secretsOf(ConfigurationPropertyName property) {
		Set<String> names = new TreeSet<>();
		for (EnvironmentCopy environment : new LinkedHashSet<>(List.of(this.marked.get(), this.markedPresent.get()))) {
			String value = environment.bind(property);
			Matcher matcher = MARKED.matcher((value != null) ? value : "");
			while (matcher.find()) {
				names.add(matcher.group(1));
			}
		}
		return names;
	}

	private static String mark(String name) {
		return MARKER + name + "\0";
	}

	/**
	 * Returns whether a text with placeholders refers to a secret.
	 */
	boolean textReferencesSecret(String text) {
		try {
			return this.marked.get().resolvePlaceholders(text).contains(MARKER);
		}
		catch (IllegalArgumentException ex) {
			// It refers to itself.
			return false;
		}
	}

	boolean referencesSecretBelow(String prefix) {
		return referencesSecretBelow(prefix, (name) -> true);
	}

	/**
	 * Returns whether the value of a property below a prefix comes from a secret.
	 * @param prefix the prefix
	 * @param counts which properties count
	 */
	boolean referencesSecretBelow(String prefix, Predicate<ConfigurationPropertyName> counts) {
		ConfigurationPropertyName parent = ConfigurationPropertyName.of(prefix);
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(this.marked.get())) {
			if (source instanceof IterableConfigurationPropertySource names) {
				for (ConfigurationPropertyName name : names) {
					if (parent.isAncestorOf(name) && counts.test(name) && referencesSecret(name)) {
						return true;
					}
				}
			}
		}
		return false;
	}

	/**
	 * Returns no values.
	 */
	@Override
	public String toString() {
		return getClass().getSimpleName();
	}

	/**
	 * Environment with the property sources of another one at one moment, and with the
	 * given secrets.
	 */
	private static final class EnvironmentCopy extends AbstractEnvironment {

		EnvironmentCopy(Iterable<PropertySource<?>> sources, SecretsPropertySource secrets, boolean aboveInjected) {
			super(copy(sources, aboveInjected));
			secrets.putInto(getPropertySources(), aboveInjected);
			ConfigurationPropertySources.attach(this);
		}

		static EnvironmentCopy of(Iterable<PropertySource<?>> sources, SecretsSnapshot snapshot) {
			return new EnvironmentCopy(sources, snapshot.source(), snapshot.refresh().overrideInjected());
		}

		private static MutablePropertySources copy(Iterable<PropertySource<?>> originals, boolean withoutSecrets) {
			MutablePropertySources sources = new MutablePropertySources();
			for (PropertySource<?> source : originals) {
				// The attached source leads to the sources that may be replaced.
				if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)
						&& !(withoutSecrets && source.getName().equals(SecretsPropertySource.NAME))) {
					sources.addLast(source);
				}
			}
			return sources;
		}

		EnvironmentCopy marked(SecretsSnapshot snapshot, Set<String> names, boolean aboveInjected) {
			return new EnvironmentCopy(getPropertySources(),
					snapshot.source().filled(names, CredentialProperties::mark), aboveInjected);
		}

		@Nullable String bind(ConfigurationPropertyName property) {
			try {
				return Binder.get(this).bind(property, Bindable.of(String.class)).orElse(null);
			}
			catch (BindException ex) {
				return null;
			}
		}

		/**
		 * Returns no properties, unlike the inherited method where DEBUG is on.
		 */
		@Override
		public String toString() {
			return getClass().getSimpleName();
		}

	}

}
