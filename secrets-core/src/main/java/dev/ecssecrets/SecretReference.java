package dev.ecssecrets;

import java.util.regex.Pattern;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * A parsed {@code valueFrom}, in one of the forms that ECS takes:
 *
 * <ul>
 * <li>{@code name} or {@code /path/to/name}: a parameter</li>
 * <li>{@code arn:PARTITION:ssm:REGION:ACCOUNT:parameter/NAME}</li>
 * <li>{@code arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:ID}</li>
 * <li>{@code arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:ID:JSON_KEY:VERSION_STAGE:VERSION_ID},
 * where each of the last three may be empty</li>
 * <li>{@code /aws/reference/secretsmanager/ID}: a secret through Parameter Store; it has
 * no ARN</li>
 * </ul>
 *
 * A parameter's version or label ({@code name:3}) is none of them: ECS looks a parameter
 * up by the name that Parameter Store returns, which has no such selector.
 *
 * @param location where the value is
 * @param jsonKey the top-level key of a JSON secret, or {@code null} for the whole value
 */
public record SecretReference(SecretLocation location, @Nullable String jsonKey) {

	private static final Pattern PARAMETER_NAME = Pattern.compile("[A-Za-z0-9_.-]+|/[A-Za-z0-9_./-]*[A-Za-z0-9_.-]");

	private static final Pattern SECRET_ID = Pattern.compile("[A-Za-z0-9/_+=.@-]+");

	private static final String PARAMETER_RESOURCE = "parameter/";

	/**
	 * Parses a {@code valueFrom}.
	 * @param valueFrom the text as it stands in the declaration
	 * @return the reference
	 * @throws InvalidSecretReferenceException if ECS would not take the text
	 */
	public static SecretReference parse(String valueFrom) {
		if (!valueFrom.startsWith(Arn.PREFIX)) {
			return new SecretReference(new Parameter(parameterName(valueFrom, valueFrom), null), null);
		}
		Arn arn = Arn.tryParse(valueFrom);
		if (arn == null) {
			throw new InvalidSecretReferenceException(valueFrom,
					"an ARN of the form arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, with a region and an account of 12 digits");
		}
		return switch (arn.service()) {
			case "ssm" -> new SecretReference(parameter(valueFrom, arn), null);
			case "secretsmanager" -> secret(valueFrom, arn);
			default -> throw new InvalidSecretReferenceException(valueFrom,
					"an ARN of the service ssm or secretsmanager, not '" + arn.service() + "'");
		};
	}

	private static Parameter parameter(String valueFrom, Arn arn) {
		if (!arn.resource().startsWith(PARAMETER_RESOURCE)) {
			throw new InvalidSecretReferenceException(valueFrom, "arn:PARTITION:ssm:REGION:ACCOUNT:parameter/NAME");
		}
		// The slash that parts the resource from the name is a path's first slash too.
		String resource = arn.resource().substring(PARAMETER_RESOURCE.length());
		String name = resource.contains("/") ? "/" + resource : resource;
		if (name.startsWith(Parameter.SECRET_REFERENCE)) {
			throw new InvalidSecretReferenceException(valueFrom, "a reference to a secret by its name: " + name);
		}
		return new Parameter(parameterName(valueFrom, name), arn);
	}

	private static String parameterName(String valueFrom, String name) {
		boolean valid = name.startsWith(Parameter.SECRET_REFERENCE)
				? SECRET_ID.matcher(name.substring(Parameter.SECRET_REFERENCE.length())).matches()
				: PARAMETER_NAME.matcher(name).matches() && !name.contains("//");
		if (!valid) {
			throw new InvalidSecretReferenceException(valueFrom, expectedParameterName(name));
		}
		return name;
	}

	private static String expectedParameterName(String name) {
		if (name.contains(":")) {
			return "a parameter's name without a version or label: ECS takes no such selector";
		}
		if (name.contains("//")) {
			return "a parameter's path, or its ARN, with single slashes";
		}
		if (name.contains("/") && !name.startsWith("/")) {
			return "a parameter's path with a leading slash: /" + name;
		}
		return "a parameter's name (letters, digits and _.-), its path (the same between slashes, with a leading and without a"
				+ " trailing one), or an ARN of Parameter Store or Secrets Manager";
	}

	private static SecretReference secret(String valueFrom, Arn arn) {
		String[] parts = arn.resource().split(":", -1);
		if (parts.length != 2 && parts.length != 5) {
			throw new InvalidSecretReferenceException(valueFrom,
					"secret:ID or secret:ID:JSON_KEY:VERSION_STAGE:VERSION_ID (2 or 5 parts, of which the last 3 may be empty) after the account, not "
							+ parts.length + ((parts.length == 1) ? " part" : " parts"));
		}
		if (!parts[0].equals("secret") || !SECRET_ID.matcher(parts[1]).matches()) {
			throw new InvalidSecretReferenceException(valueFrom,
					"arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:ID, where ID has letters, digits and /_+=.@-");
		}
		if (parts.length == 2) {
			return new SecretReference(new SecretsManagerSecret(arn, null, null), null);
		}
		Arn secretArn = arn.withResource(parts[0] + ":" + parts[1]);
		return new SecretReference(new SecretsManagerSecret(secretArn, nullIfEmpty(parts[3]), nullIfEmpty(parts[4])),
				nullIfEmpty(parts[2]));
	}

	private static @Nullable String nullIfEmpty(String text) {
		return text.isEmpty() ? null : text;
	}

}
