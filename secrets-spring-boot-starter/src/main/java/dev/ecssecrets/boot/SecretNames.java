// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.ecssecrets.PrintableText;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.SystemPropertyUtils;

/**
 * Names of declared secrets that Spring does not bind, or that something else reads.
 */
final class SecretNames {

	/**
	 * Variables that the JVM, the C library and the AWS SDK read from the process
	 * environment.
	 */
	private static final Set<String> READ_BY_OTHERS = Set.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS",
			"JAVA_OPTS", "JAVA_HOME", "CLASSPATH", "PATH", "HOME", "TZ", "LANG", "LC_ALL", "LD_PRELOAD",
			"LD_LIBRARY_PATH", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
			"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ROLE_ARN",
			"AWS_WEB_IDENTITY_TOKEN_FILE");

	/**
	 * What agents begin the names of their variables with.
	 */
	private static final Set<String> PREFIXES_OF_AGENTS = Set.of("DD_", "NEW_RELIC_", "OTEL_", "ELASTIC_APM_",
			"APPLICATIONINSIGHTS_", "APPDYNAMICS_", "DT_", "INSTANA_", "SPLUNK_", "SW_AGENT_");

	private SecretNames() {
	}

	/**
	 * Adds what is odd about the name of a secret, or about the value that it has
	 * already.
	 * @param texts returns the {@linkplain #textsWithPlaceholders texts} of the
	 * environment, which few names need
	 * @param unbindable gets the name if no property binds to it or refers to it
	 */
	static void check(String name, PresentValues present, Supplier<List<String>> texts, List<String> warnings,
			List<String> unbindable) {
		String injected = present.injected(name);
		if (!name.equals(name.strip())) {
			warnings.add("The name '" + PrintableText.of(name)
					+ "' begins or ends with white space, and so would the variable on ECS. Remove the white space");
		}
		else if (isUnbindable(name) && !isReferenced(name, texts.get())) {
			unbindable.add(name);
		}
		else if (injected == null && isReadByOthers(name) && !present.isOverridden(name)
				&& !isReferenced(name, texts.get())) {
			warnings.add(PrintableText.of(name)
					+ " is fetched into Spring's Environment only. The JVM, agents and the AWS SDK"
					+ " read environment variables: set it where the process is started");
		}
		if (injected != null && injected.isEmpty() && !present.isOverridden(name) && !present.isOnEcs()) {
			warnings.add(PrintableText.of(name)
					+ " is injected, but empty. To fetch the secret, remove the empty environment variable");
		}
	}

	/**
	 * Returns whether usually only the JVM, an agent or a library reads a variable of
	 * this name, and reads the process environment.
	 */
	private static boolean isReadByOthers(String name) {
		if (READ_BY_OTHERS.contains(name)) {
			return true;
		}
		for (String prefix : PREFIXES_OF_AGENTS) {
			if (name.startsWith(prefix)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns whether Spring Boot binds no property to a variable of this name, other
	 * than one that has no groups.
	 */
	private static boolean isUnbindable(String name) {
		if (isVariable(name)) {
			return false;
		}
		ConfigurationPropertySource source = ConfigurationPropertySource.from(new SystemEnvironmentPropertySource(
				StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.of(name, "")));
		return source == null || source.getConfigurationProperty(property(name)) == null;
	}

	private static boolean isVariable(String name) {
		for (int i = 0; i < name.length(); i++) {
			if (!isLetterOrDigit(name.charAt(i)) && name.charAt(i) != '_') {
				return false;
			}
		}
		return true;
	}

	private static boolean isLetterOrDigit(int character) {
		return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z')
				|| (character >= '0' && character <= '9');
	}

	private static ConfigurationPropertyName property(String name) {
		return ConfigurationPropertyName.adapt(variable(name).toLowerCase(Locale.ROOT).replace('_', '.'), '.');
	}

	/**
	 * Returns the nearest name that binds.
	 */
	private static String variable(String name) {
		StringBuilder variable = new StringBuilder();
		for (int i = 0; i < name.length(); i++) {
			char character = name.charAt(i);
			variable.append(isLetterOrDigit(character) ? character : '_');
		}
		return variable.toString().toUpperCase(Locale.ROOT);
	}

	/**
	 * Describes a name that is not bound.
	 */
	static String describeUnbindable(String name) {
		return "No property binds to the name '" + PrintableText.of(name)
				+ "', and no placeholder refers to it. Rename the secret to " + PrintableText.of(variable(name))
				+ ", which binds to " + property(name);
	}

	/**
	 * Returns the texts of all properties that have placeholders.
	 */
	static List<String> textsWithPlaceholders(ConfigurableEnvironment environment) {
		List<String> texts = new ArrayList<>();
		for (PropertySource<?> source : environment.getPropertySources()) {
			if (source instanceof EnumerablePropertySource<?> enumerable) {
				for (String property : enumerable.getPropertyNames()) {
					if (source.getProperty(property) instanceof CharSequence text
							&& text.toString().contains(SystemPropertyUtils.PLACEHOLDER_PREFIX)) {
						texts.add(text.toString());
					}
				}
			}
		}
		return texts;
	}

	private static boolean isReferenced(String name, List<String> texts) {
		for (String text : texts) {
			if (isReferenced(name, text)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns whether a text has a placeholder for a secret.
	 */
	static boolean isReferenced(String name, String text) {
		return text.contains("${") && Stream.of(name, property(name).toString())
			.anyMatch((candidate) -> text.contains("${" + candidate + "}") || text.contains("${" + candidate + ":"));
	}

}
