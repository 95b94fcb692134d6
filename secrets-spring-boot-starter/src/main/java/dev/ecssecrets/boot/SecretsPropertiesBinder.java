// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import dev.ecssecrets.boot.SecretsProperties.Aws;
import dev.ecssecrets.boot.SecretsProperties.File;
import dev.ecssecrets.boot.SecretsProperties.Refresh;
import dev.ecssecrets.boot.SecretsProperties.Secret;
import dev.ecssecrets.boot.SecretsProperties.Store;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.lang.Contract;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.SystemPropertyUtils;

/**
 * Binder of {@link SecretsProperties}, key by key, and without Spring Boot's
 * {@link Binder} for a list in plain text. That binder would bind the record as a whole
 * to the same, but takes a multiple of the time in a JVM that has just started. A list
 * that is not as it should be is left to it, so that it reports what is wrong.
 */
final class SecretsPropertiesBinder {

	static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of(SecretsProperties.PREFIX);

	static final ConfigurationPropertyName SECRETS = PREFIX.append("secrets");

	private final Environment environment;

	private final Binder binder;

	private final Iterable<ConfigurationPropertySource> sources;

	private SecretsPropertiesBinder(Environment environment) {
		this.environment = environment;
		this.binder = Binder.get(environment);
		this.sources = ConfigurationPropertySources.get(environment);
	}

	/**
	 * Binds the keys. The list is not looked at if secrets are disabled.
	 */
	static Bound bind(Environment environment) {
		SecretsPropertiesBinder binder = new SecretsPropertiesBinder(environment);
		boolean enabled = binder.bind("enabled", boolean.class, true);
		List<Element> list = enabled ? binder.bindSecrets() : List.of();
		List<Secret> secrets = new ArrayList<>();
		for (Element element : list) {
			secrets.add(element.secret());
		}
		return new Bound(binder.properties(enabled, List.copyOf(secrets)), list);
	}

	private SecretsProperties properties(boolean enabled, List<Secret> secrets) {
		return new SecretsProperties(enabled, secrets, bind("task-definition", String.class, null),
				bind("task-definition-placeholders", boolean.class, false), bind("container-name", String.class, null),
				bind("store", Store.class, Store.AWS), bind("file", File.class, new File(null)),
				bind("aws", Aws.class, new Aws(null, null, null)), bindTimeout(),
				bind("refresh", Refresh.class, new Refresh(null, Duration.ofSeconds(5), false, false, null, false)));
	}

	@Contract("_, _, !null -> !null")
	private <T> @Nullable T bind(String key, Class<T> type, @Nullable T defaultValue) {
		return mayHave(key) ? this.binder.bind(PREFIX.append(key), Bindable.of(type)).orElse(defaultValue)
				: defaultValue;
	}

	private Duration bindTimeout() {
		Duration defaultValue = Duration.ofSeconds(60);
		return mayHave("timeout")
				? this.binder.bind(PREFIX.append("timeout"), timeoutWithUnit(), new Timeout()).orElse(defaultValue)
				: defaultValue;
	}

	/**
	 * Returns whether there may be a key or a group of keys. Spring Boot's binder
	 * converts the default values of a group even if there is none.
	 */
	private boolean mayHave(String key) {
		ConfigurationPropertyName name = PREFIX.append(key);
		for (ConfigurationPropertySource source : this.sources) {
			if (source.getConfigurationProperty(name) != null
					|| source.containsDescendantOf(name) != ConfigurationPropertyState.ABSENT) {
				return true;
			}
		}
		return false;
	}

	private static Bindable<Duration> timeoutWithUnit() {
		Field component = Objects.requireNonNull(ReflectionUtils.findField(SecretsProperties.class, "timeout"));
		return Bindable.of(Duration.class).withAnnotations(component.getAnnotations());
	}

	/**
	 * Returns the source of the list, however it is written: as with every list, one
	 * source has all of it.
	 */
	static @Nullable ConfigurationPropertySource source(Environment environment) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source.getConfigurationProperty(SECRETS) != null
					|| source.containsDescendantOf(SECRETS) == ConfigurationPropertyState.PRESENT) {
				return source;
			}
		}
		return null;
	}

	private List<Element> bindSecrets() {
		for (ConfigurationPropertySource source : this.sources) {
			// An empty list in YAML is an empty string here.
			if (source.getConfigurationProperty(SECRETS) != null) {
				return bindSecretsByBinder();
			}
			if (source.containsDescendantOf(SECRETS) != ConfigurationPropertyState.ABSENT) {
				List<Element> list = bindSecrets(source);
				if (!list.isEmpty()) {
					return list;
				}
			}
		}
		return List.of();
	}

	private List<Element> bindSecrets(ConfigurationPropertySource source) {
		// Of this source alone, from where Spring Boot binds each element of a list.
		Binder elements = new Binder(List.of(source), new PropertySourcesPlaceholdersResolver(this.environment));
		List<Element> list = new ArrayList<>();
		Set<String> indexes = new HashSet<>();
		Element element = bindSecret(source, elements, 0);
		while (element != null) {
			indexes.add(Integer.toString(list.size()));
			list.add(element);
			element = bindSecret(source, elements, list.size());
		}
		return hasOtherElements(source, indexes) ? bindSecretsByBinder() : list;
	}

	private static @Nullable Element bindSecret(ConfigurationPropertySource source, Binder binder, int index) {
		ConfigurationPropertyName element = element(index);
		ConfigurationProperty name = source.getConfigurationProperty(element.append("name"));
		ConfigurationProperty valueFrom = source.getConfigurationProperty(element.append("value-from"));
		ConfigurationProperty optional = source.getConfigurationProperty(element.append("optional"));
		if (name == null && valueFrom == null && optional == null) {
			return null;
		}
		Secret secret = new Secret(text(binder, name), text(binder, valueFrom),
				optional != null && binder.bind(optional.getName(), Bindable.of(boolean.class)).get());
		return new Element(secret, name, valueFrom);
	}

	private static @Nullable String text(Binder binder, @Nullable ConfigurationProperty property) {
		if (property == null) {
			return null;
		}
		if (property.getValue() instanceof String text && !text.contains(SystemPropertyUtils.PLACEHOLDER_PREFIX)) {
			return text;
		}
		return binder.bind(property.getName(), Bindable.of(String.class)).orElse(null);
	}

	/**
	 * Returns whether there are elements of the list with other indexes. To look at the
	 * index first takes the least time.
	 */
	private static boolean hasOtherElements(ConfigurationPropertySource source, Set<String> indexes) {
		int element = SECRETS.getNumberOfElements();
		if (source instanceof IterableConfigurationPropertySource names) {
			for (ConfigurationPropertyName name : names) {
				if (name.getNumberOfElements() > element && !indexes.contains(name.getElement(element, Form.UNIFORM))
						&& SECRETS.isAncestorOf(name) && name.chop(element + 1).isLastElementIndexed()) {
					return true;
				}
			}
		}
		return false;
	}

	private List<Element> bindSecretsByBinder() {
		List<Element> list = new ArrayList<>();
		ConfigurationPropertySource source = source(this.environment);
		for (Secret secret : this.binder.bind(SECRETS, Bindable.listOf(Secret.class)).orElseGet(List::of)) {
			ConfigurationPropertyName element = element(list.size());
			list.add(new Element(secret, property(source, element.append("name")),
					property(source, element.append("value-from"))));
		}
		return list;
	}

	private static @Nullable ConfigurationProperty property(@Nullable ConfigurationPropertySource source,
			ConfigurationPropertyName name) {
		return (source != null) ? source.getConfigurationProperty(name) : null;
	}

	static ConfigurationPropertyName element(int index) {
		return SECRETS.append("[" + index + "]");
	}

	/**
	 * The bound keys.
	 *
	 * @param properties the keys
	 * @param list the elements of the list, as many as there are secrets
	 */
	record Bound(SecretsProperties properties, List<Element> list) {

	}

	/**
	 * Element of the list.
	 *
	 * @param secret the secret
	 * @param name the property with the name, or {@code null} if there is none
	 * @param valueFrom the property with the {@code value-from}, or {@code null} if there
	 * is none
	 */
	record Element(Secret secret, @Nullable ConfigurationProperty name, @Nullable ConfigurationProperty valueFrom) {

	}

	/**
	 * Handler that has Spring Boot report a duration that is not positive or too long,
	 * with its value and place, as it does for a group that refuses its values.
	 */
	private static final class Timeout implements BindHandler {

		@Override
		public Object onSuccess(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
				Object result) {
			if (result instanceof Duration duration) {
				String key = name.getLastElement(Form.ORIGINAL);
				if (duration.isZero() || duration.isNegative()) {
					throw new IllegalArgumentException(key + " must be positive");
				}
				SecretsProperties.check(key, duration);
			}
			return result;
		}

	}

}
