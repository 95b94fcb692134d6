package dev.ecssecrets.boot;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.AbstractEnvironment;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * The property sources of one moment: what is read from it belongs together, even if a
 * source is replaced meanwhile.
 */
final class EnvironmentSnapshot extends AbstractEnvironment {

	EnvironmentSnapshot(ConfigurableEnvironment environment) {
		super(copy(environment));
		ConfigurationPropertySources.attach(this);
	}

	private static MutablePropertySources copy(ConfigurableEnvironment environment) {
		MutablePropertySources sources = new MutablePropertySources();
		for (PropertySource<?> source : environment.getPropertySources()) {
			// This one would still lead to the sources that may be replaced.
			if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
				sources.addLast(source);
			}
		}
		return sources;
	}

	/**
	 * Returns what a bean would have bound, or {@code null} if there is nothing, or
	 * nothing that can be resolved.
	 */
	@Nullable String bind(String property) {
		try {
			return Binder.get(this).bind(property, String.class).orElse(null);
		}
		catch (BindException ex) {
			return null;
		}
	}

}
