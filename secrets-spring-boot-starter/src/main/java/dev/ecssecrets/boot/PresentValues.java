// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Values that an environment has before secrets are loaded: in the process environment,
 * which has the secrets that ECS injected, and in the property sources above it, such as
 * system properties and the command line. Names are exact; on Windows, names of variables
 * are in any case, as they are there.
 *
 * @param variables the variables of the process environment
 * @param anyCase whether the names of variables are in any case
 * @param prefix the prefix that Spring Boot expects before names of properties, or
 * {@code null}
 * @param above the property sources above the process environment
 */
record PresentValues(Map<String, Object> variables, boolean anyCase, @Nullable String prefix,
		List<PropertySource<?>> above) {

	private static final boolean WINDOWS = File.separatorChar == '\\';

	/**
	 * What Spring Boot, Spring Cloud and this library read before the secrets are loaded.
	 */
	private static final List<String> READ_EARLY = List.of("spring.application.json.", "spring.cloud.bootstrap.",
			"spring.config.", "spring.main.cloud.platform.", "spring.profiles.", "ecs.secrets.", "ecssecrets.");

	static PresentValues of(ConfigurableEnvironment environment) {
		List<PropertySource<?>> above = new ArrayList<>();
		for (PropertySource<?> source : environment.getPropertySources()) {
			String name = source.getName();
			if (name.equals(SecretsPropertySource.NAME)
					|| name.equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)) {
				break;
			}
			if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
				above.add(source);
			}
		}
		return of(environment.getPropertySources().get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME),
				WINDOWS, above);
	}

	static PresentValues of(@Nullable PropertySource<?> processEnvironment, boolean anyCase,
			List<PropertySource<?>> above) {
		String prefix = (processEnvironment instanceof PropertySourceInfo info) ? info.getPrefix() : null;
		Map<String, Object> variables = (processEnvironment instanceof SystemEnvironmentPropertySource source)
				? source.getSource() : Map.of();
		return new PresentValues(variables, anyCase, prefix, above);
	}

	/**
	 * Returns whether the process environment has a variable.
	 */
	boolean isInjected(String name) {
		return injected(name) != null;
	}

	@Nullable String injected(String name) {
		Object value = this.variables.get(name);
		if (value == null && this.anyCase) {
			value = this.variables.entrySet()
				.stream()
				.filter((variable) -> name.equalsIgnoreCase(variable.getKey()))
				.map(Map.Entry::getValue)
				.findFirst()
				.orElse(null);
		}
		return (value != null) ? value.toString() : null;
	}

	/**
	 * Returns whether this process is a container of ECS, which sets this variable.
	 */
	boolean isOnEcs() {
		return this.variables.containsKey("ECS_CONTAINER_METADATA_URI_V4")
				|| this.variables.containsKey("ECS_CONTAINER_METADATA_URI");
	}

	/**
	 * Returns whether a property source above the process environment has a property of
	 * this name, which wins over the secret in any case.
	 */
	boolean isOverridden(String name) {
		return overriding(name) != null;
	}

	/**
	 * Returns the value that wins over a secret. A property that is read early wins under
	 * any form of its name: {@code spring.profiles.active} is
	 * {@code SPRING_PROFILES_ACTIVE}.
	 */
	@Nullable String overriding(String name) {
		boolean early = isReadEarly(name);
		for (PropertySource<?> source : this.above) {
			Object value = source.getProperty(name);
			if (value == null && early && source instanceof EnumerablePropertySource<?> enumerable) {
				value = relaxed(enumerable, uniform(name));
			}
			if (value != null) {
				return value.toString();
			}
		}
		return null;
	}

	private static @Nullable Object relaxed(EnumerablePropertySource<?> source, String uniformName) {
		for (String candidate : source.getPropertyNames()) {
			int index = candidate.indexOf('[');
			if (uniform((index != -1) ? candidate.substring(0, index) : candidate).equals(uniformName)) {
				return source.getProperty(candidate);
			}
		}
		return null;
	}

	private static String uniform(String name) {
		return name.toLowerCase(Locale.ROOT).replace("_", "").replace(".", "").replace("-", "");
	}

	/**
	 * Returns whether Spring reads what has this name before the secrets are loaded.
	 */
	static boolean isReadEarly(String name) {
		String property = name.toLowerCase(Locale.ROOT).replace('_', '.') + ".";
		for (String early : READ_EARLY) {
			if (property.startsWith(early)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns no value: each may be a secret.
	 */
	@Override
	public String toString() {
		return "present values";
	}

}
