package dev.ecssecrets.boot;

import java.util.List;

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

	private final List<PropertySource<?>> sources;

	EnvironmentSnapshot(ConfigurableEnvironment environment) {
		super(copy(environment));
		this.sources = getPropertySources().stream().toList();
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
	 * Whether the environment still has the same sources. They are equal by their names,
	 * and replaced when secrets are loaded again.
	 */
	@SuppressWarnings("ReferenceEquality")
	boolean isOf(ConfigurableEnvironment environment) {
		int i = 0;
		for (PropertySource<?> source : environment.getPropertySources()) {
			if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)
					&& (i == this.sources.size() || source != this.sources.get(i++))) {
				return false;
			}
		}
		return i == this.sources.size();
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

	/**
	 * The inherited one shows all properties where DEBUG is on.
	 */
	@Override
	public String toString() {
		return getClass().getSimpleName();
	}

}
