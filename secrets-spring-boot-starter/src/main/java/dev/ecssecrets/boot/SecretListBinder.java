package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.ecssecrets.boot.SecretsProperties.Secret;
import org.jspecify.annotations.Nullable;

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
import org.springframework.util.SystemPropertyUtils;

/**
 * Binds the list as a {@link Binder} does, which takes ten times as long in a JVM that
 * has just started. So it is asked only for what is not plain text, and for a list that
 * is not as it should be, to say what is wrong.
 */
final class SecretListBinder {

	static final ConfigurationPropertyName SECRETS = ConfigurationPropertyName
		.of(SecretsProperties.PREFIX + ".secrets");

	private final Binder binder;

	SecretListBinder(Binder binder) {
		this.binder = binder;
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

	List<Secret> bind(Iterable<ConfigurationPropertySource> sources) {
		for (ConfigurationPropertySource source : sources) {
			// An empty list in YAML is an empty string here.
			if (source.getConfigurationProperty(SECRETS) != null) {
				return bindByBinder();
			}
			if (source.containsDescendantOf(SECRETS) != ConfigurationPropertyState.ABSENT) {
				List<Secret> secrets = bind(source);
				if (!secrets.isEmpty()) {
					return secrets;
				}
			}
		}
		return List.of();
	}

	private List<Secret> bind(ConfigurationPropertySource source) {
		List<Secret> secrets = new ArrayList<>();
		Secret secret = bindElement(source, 0);
		while (secret != null) {
			secrets.add(secret);
			secret = bindElement(source, secrets.size());
		}
		return (countElements(source) > secrets.size()) ? bindByBinder() : secrets;
	}

	private @Nullable Secret bindElement(ConfigurationPropertySource source, int index) {
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

	private List<Secret> bindByBinder() {
		return this.binder.bind(SECRETS, Bindable.listOf(Secret.class)).orElseGet(List::of);
	}

}
