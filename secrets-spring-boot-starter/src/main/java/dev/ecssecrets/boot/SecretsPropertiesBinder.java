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

	private final Binder binder;

	private final Iterable<ConfigurationPropertySource> sources;

	private SecretsPropertiesBinder(Environment environment) {
		this.binder = Binder.get(environment);
		this.sources = ConfigurationPropertySources.get(environment);
	}

	static SecretsProperties bind(Environment environment) {
		SecretsPropertiesBinder binder = new SecretsPropertiesBinder(environment);
		return new SecretsProperties(binder.bind("enabled", boolean.class, true), binder.bindSecrets(),
				binder.bind("task-definition", String.class, null),
				binder.bind("task-definition-placeholders", boolean.class, false),
				binder.bind("container-name", String.class, null), binder.bind("store", Store.class, Store.AWS),
				binder.bind("file", File.class, new File(null)),
				binder.bind("aws", Aws.class, new Aws(null, null, null)), binder.bindTimeout(),
				binder.bind("refresh", Refresh.class, new Refresh(null, Duration.ofSeconds(5), false, false, null)));
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

	private List<Secret> bindSecrets() {
		for (ConfigurationPropertySource source : this.sources) {
			// An empty list in YAML is an empty string here.
			if (source.getConfigurationProperty(SECRETS) != null) {
				return bindSecretsByBinder();
			}
			if (source.containsDescendantOf(SECRETS) != ConfigurationPropertyState.ABSENT) {
				List<Secret> secrets = bindSecrets(source);
				if (!secrets.isEmpty()) {
					return secrets;
				}
			}
		}
		return List.of();
	}

	private List<Secret> bindSecrets(ConfigurationPropertySource source) {
		List<Secret> secrets = new ArrayList<>();
		Secret secret = bindSecret(source, 0);
		while (secret != null) {
			secrets.add(secret);
			secret = bindSecret(source, secrets.size());
		}
		return (countElements(source) > secrets.size()) ? bindSecretsByBinder() : secrets;
	}

	private @Nullable Secret bindSecret(ConfigurationPropertySource source, int index) {
		ConfigurationPropertyName element = SECRETS.append("[" + index + "]");
		ConfigurationProperty name = source.getConfigurationProperty(element.append("name"));
		ConfigurationProperty valueFrom = source.getConfigurationProperty(element.append("value-from"));
		ConfigurationProperty optional = source.getConfigurationProperty(element.append("optional"));
		if (name == null && valueFrom == null && optional == null) {
			return null;
		}
		return new Secret(text(name), text(valueFrom),
				optional != null && this.binder.bind(optional.getName(), Bindable.of(boolean.class)).get());
	}

	private @Nullable String text(@Nullable ConfigurationProperty property) {
		if (property == null) {
			return null;
		}
		if (property.getValue() instanceof String text && !text.contains(SystemPropertyUtils.PLACEHOLDER_PREFIX)) {
			return text;
		}
		return this.binder.bind(property.getName(), Bindable.of(String.class)).orElse(null);
	}

	private static int countElements(ConfigurationPropertySource source) {
		Set<String> indexes = new HashSet<>();
		if (source instanceof IterableConfigurationPropertySource names) {
			for (ConfigurationPropertyName name : names) {
				if (SECRETS.isAncestorOf(name)) {
					ConfigurationPropertyName element = name.chop(SECRETS.getNumberOfElements() + 1);
					if (element.isLastElementIndexed()) {
						indexes.add(element.getLastElement(Form.UNIFORM));
					}
				}
			}
		}
		return indexes.size();
	}

	private List<Secret> bindSecretsByBinder() {
		return this.binder.bind(SECRETS, Bindable.listOf(Secret.class)).orElseGet(List::of);
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
