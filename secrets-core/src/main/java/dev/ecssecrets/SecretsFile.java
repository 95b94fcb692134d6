// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * Content of the file of a {@link FileSecretStore}.
 */
final class SecretsFile {

	private static final String PARAMETERS = "parameters";

	private static final String SECRETS = "secrets";

	// A hyphen and six characters.
	private static final int SUFFIX_LENGTH = 7;

	private final Map<String, GoJson> parameters;

	private final Map<String, GoJson> secrets;

	// The names that have a suffix, by the names without it.
	private final Map<String, List<String>> namesWithSuffix;

	private SecretsFile(Map<String, GoJson> parameters, Map<String, GoJson> secrets) {
		this.parameters = parameters;
		this.secrets = secrets;
		this.namesWithSuffix = secrets.keySet()
			.stream()
			.filter(SecretsFile::hasSuffix)
			.collect(Collectors.groupingBy(SecretsFile::withoutSuffix));
	}

	/**
	 * Parses a file.
	 * @param text the content of the file
	 * @return the parsed content
	 * @throws TextFile.UnreadableException if the file does not have the required form
	 * @throws JsonSyntax.SyntaxException if the file is not JSON
	 */
	static SecretsFile parse(String text) {
		if (text.isBlank()) {
			throw withoutSections("is empty");
		}
		GoJson content = GoJson.of(text);
		if (!content.isObject()) {
			throw withoutSections("is a JSON " + content.type());
		}
		Map<String, GoJson> members = content.members();
		if (!members.containsKey(PARAMETERS) && !members.containsKey(SECRETS)) {
			throw withoutSections("has neither parameters nor secrets");
		}
		members.keySet().stream().filter(SecretsFile::isMisspelt).findFirst().ifPresent((name) -> {
			throw new TextFile.UnreadableException("has '" + PrintableText.of(name)
					+ "' at the top level, which is neither parameters nor secrets. Correct or remove it");
		});
		return new SecretsFile(section(members, PARAMETERS), section(members, SECRETS));
	}

	/**
	 * Returns whether a name has at most two letters other than the name of a section, or
	 * other capitals.
	 */
	static boolean isMisspelt(String name) {
		return !name.equals(PARAMETERS) && !name.equals(SECRETS)
				&& !SimilarNames.of(name.toLowerCase(Locale.ROOT), Set.of(PARAMETERS, SECRETS)).isEmpty();
	}

	private static TextFile.UnreadableException withoutSections(String problem) {
		return new TextFile.UnreadableException(problem + "; expected parameters and secrets at the top level");
	}

	private static Map<String, GoJson> section(Map<String, GoJson> content, String name) {
		GoJson section = content.get(name);
		if (section == null) {
			return Map.of();
		}
		if (!section.isObject()) {
			throw new TextFile.UnreadableException(
					"has a JSON " + section.type() + " as '" + name + "', not an object");
		}
		return section.members();
	}

	/**
	 * Finds the value of a location.
	 * @return the value, or {@code null} if the file does not have it
	 */
	@Nullable SecretValue find(SecretLocation location) {
		GoJson found = (location instanceof Parameter parameter) ? find(parameter)
				: find((SecretsManagerSecret) location);
		if (found == null) {
			return null;
		}
		return SecretValue.of(found.isString() ? found.print() : found.json());
	}

	private @Nullable GoJson find(Parameter parameter) {
		// The ARN is the same for the names "name" and "/name".
		GoJson found = first(this.parameters, parameter.id(), parameter.name(),
				(parameter.arn() != null) ? "/" + parameter.name() : parameter.name());
		String secretId = parameter.secretId();
		return (found == null && secretId != null) ? this.secrets.get(secretId) : found;
	}

	private @Nullable GoJson find(SecretsManagerSecret secret) {
		String arn = secret.id();
		String id = secret.secretId();
		GoJson found = first(this.secrets, arn, id, withoutSuffix(arn), withoutSuffix(id));
		return (found != null) ? found : findWithSuffix(secret);
	}

	private static @Nullable GoJson first(Map<String, GoJson> values, String... names) {
		for (String name : names) {
			GoJson value = values.get(name);
			if (value != null) {
				return value;
			}
		}
		return null;
	}

	/**
	 * Finds a secret whose name has a suffix that is missing in the location. As in
	 * Secrets Manager, the name must be the only one.
	 */
	private @Nullable GoJson findWithSuffix(SecretsManagerSecret secret) {
		List<String> names = Stream.of(secret.id(), secret.secretId())
			.flatMap((name) -> this.namesWithSuffix.getOrDefault(name, List.of()).stream())
			.toList();
		return (names.size() == 1) ? this.secrets.get(names.get(0)) : null;
	}

	private static String withoutSuffix(String name) {
		return hasSuffix(name) ? name.substring(0, name.length() - SUFFIX_LENGTH) : name;
	}

	/**
	 * Returns whether a name ends in a hyphen and six letters and digits. Six lower-case
	 * letters do not count: they are a word more often than a random suffix.
	 */
	private static boolean hasSuffix(String name) {
		int start = name.length() - SUFFIX_LENGTH;
		if (start <= 0 || name.charAt(start) != '-') {
			return false;
		}
		String suffix = name.substring(start + 1);
		return suffix.chars().allMatch(SecretsFile::isLetterOrDigit)
				&& !suffix.chars().allMatch(SecretsFile::isLowerCase);
	}

	private static boolean isLetterOrDigit(int c) {
		return isLowerCase(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
	}

	private static boolean isLowerCase(int c) {
		return c >= 'a' && c <= 'z';
	}

	/**
	 * Returns the name of the secret that a parameter was probably meant to be.
	 * @return the name, or {@code null} if the file has no such secret
	 */
	@Nullable String secretOfThatName(SecretLocation location) {
		return (location instanceof Parameter parameter && parameter.arn() == null
				&& this.secrets.containsKey(parameter.name())) ? parameter.name() : null;
	}

	/**
	 * Returns the names in the file that are similar to the name of a location.
	 */
	List<String> similarNames(SecretLocation location) {
		return (location instanceof Parameter parameter) ? SimilarNames.of(parameter.name(), this.parameters.keySet())
				: SimilarNames.of(((SecretsManagerSecret) location).secretId(), this.secrets.keySet());
	}

}
