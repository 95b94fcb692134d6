// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * Parsed {@code valueFrom}, in one of the forms that ECS accepts:
 *
 * <ul>
 * <li>{@code name} or {@code /path/to/name}: a parameter</li>
 * <li>{@code arn:PARTITION:ssm:REGION:ACCOUNT:parameter/NAME}</li>
 * <li>{@code arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:ID}</li>
 * <li>{@code arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:ID:JSON_KEY:VERSION_STAGE:VERSION_ID},
 * where each of the last three may be empty</li>
 * <li>{@code /aws/reference/secretsmanager/ID}: a secret through Parameter Store, without
 * an ARN</li>
 * </ul>
 *
 * The ECS agent only splits the text at colons, so the ID of a secret and a JSON key may
 * contain any other character. For example, {@code rds!db-1111-2222} is the name of a
 * secret that RDS manages. Some texts that AWS would refuse anyway are refused here with
 * a better message: texts with white space, quotation marks, invisible characters, or
 * unresolved placeholders.
 * <p>
 * The version or label of a parameter ({@code name:3}) is not supported: ECS looks a
 * parameter up by the name that Parameter Store returns, which has no version or label.
 *
 * @param location the location of the value
 * @param jsonKey the top-level key of a JSON secret, or {@code null} for the whole value
 * @since 0.1.0
 */
public record SecretReference(SecretLocation location, @Nullable String jsonKey) {

	/**
	 * Parses a {@code valueFrom}.
	 * @param valueFrom the text in the declaration
	 * @return the reference
	 * @throws InvalidSecretReferenceException if ECS or AWS would refuse the text
	 */
	public static SecretReference parse(String valueFrom) {
		return parse(valueFrom, valueFrom);
	}

	/**
	 * Parses the {@code valueFrom} of a declaration. Messages never contain the value of
	 * a placeholder.
	 */
	static SecretReference parse(SecretDeclaration declaration) {
		return parse(declaration.valueFrom(), declaration.writtenValueFrom());
	}

	private static SecretReference parse(String valueFrom, String written) {
		SecretReference reference = tryParse(valueFrom);
		if (reference == null) {
			throw new InvalidSecretReferenceException(valueFrom, written);
		}
		return reference;
	}

	private static @Nullable SecretReference tryParse(String valueFrom) {
		if (!valueFrom.startsWith(Arn.PREFIX)) {
			return Parameter.isName(valueFrom) ? new SecretReference(new Parameter(valueFrom, null), null) : null;
		}
		Arn arn = Arn.split(valueFrom);
		if (arn == null || arn.problem() != null) {
			return null;
		}
		return switch (arn.service()) {
			case "ssm" -> parameter(arn);
			case "secretsmanager" -> secret(arn);
			default -> null;
		};
	}

	private static @Nullable SecretReference parameter(Arn arn) {
		String name = Parameter.nameIn(arn);
		if (name == null || name.startsWith(Parameter.SECRET_REFERENCE) || !Parameter.isName(name)) {
			return null;
		}
		return new SecretReference(new Parameter(name, arn), null);
	}

	private static @Nullable SecretReference secret(Arn arn) {
		String[] parts = arn.resource().split(":", -1);
		if ((parts.length != 2 && parts.length != 5) || !parts[0].equals(SecretsManagerSecret.RESOURCE)
				|| parts[1].isEmpty()) {
			return null;
		}
		String jsonKey = (parts.length == 5) ? parts[2] : "";
		String stage = (parts.length == 5) ? parts[3] : "";
		String version = (parts.length == 5) ? parts[4] : "";
		// AWS does not receive the JSON key, so it may be any text.
		if (ReferenceText.find(String.join(":", parts[1], stage, version)) != null
				|| ReferenceText.template(jsonKey) != null) {
			return null;
		}
		Arn secret = arn.withResource(SecretsManagerSecret.RESOURCE + ":" + parts[1]);
		return new SecretReference(new SecretsManagerSecret(secret, nullIfEmpty(stage), nullIfEmpty(version)),
				nullIfEmpty(jsonKey));
	}

	private static @Nullable String nullIfEmpty(String text) {
		return text.isEmpty() ? null : text;
	}

}
