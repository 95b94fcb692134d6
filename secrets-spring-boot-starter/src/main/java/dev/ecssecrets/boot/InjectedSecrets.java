package dev.ecssecrets.boot;

import java.io.File;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The process environment, which has the secrets that ECS injected. Names are exact; on
 * Windows they are in any case, as the process environment is there.
 *
 * @param variables the variables
 * @param anyCase whether names are in any case
 * @param prefix what Spring Boot expects before names of properties, or {@code null}
 */
record InjectedSecrets(Map<String, Object> variables, boolean anyCase, @Nullable String prefix) {

	private static final boolean WINDOWS = File.separatorChar == '\\';

	static InjectedSecrets of(ConfigurableEnvironment environment) {
		return of(environment.getPropertySources().get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME),
				WINDOWS);
	}

	static InjectedSecrets of(@Nullable PropertySource<?> processEnvironment, boolean anyCase) {
		String prefix = (processEnvironment instanceof PropertySourceInfo info) ? info.getPrefix() : null;
		Map<String, Object> variables = (processEnvironment instanceof SystemEnvironmentPropertySource source)
				? source.getSource() : Map.of();
		return new InjectedSecrets(variables, anyCase, prefix);
	}

	boolean contains(String name) {
		return this.variables.containsKey(name)
				|| (this.anyCase && this.variables.keySet().stream().anyMatch(name::equalsIgnoreCase));
	}

	@Nullable String get(String name) {
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
	 * Returns no variable: each may be a secret.
	 */
	@Override
	public String toString() {
		return "process environment";
	}

}
