// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * IAM policy that allows a role to fetch declared secrets, and nothing else. Instances
 * are immutable.
 * <p>
 * A parameter that is declared by name may be in any partition, region and account, so
 * the policy has {@code *} for them. Each secret is listed twice: with the declared ARN,
 * and with {@code -??????} for the random suffix of its full ARN. AWS checks access to a
 * secret that exists by its full ARN, and to one that does not exist by the requested
 * ARN. Without the declared ARN, a missing secret would look like a denied one.
 *
 * @since 0.1.0
 */
public final class LeastPrivilegePolicy {

	// AWS appends a hyphen and six characters to the name of a secret.
	private static final String ANY_SUFFIX = "-??????";

	private static final String PENDING = "AWSPENDING";

	// A negated operator also allows requests that name no version stage.
	private static final String UNLESS_PENDING = """
			,
			  "Condition": {
			    "StringNotEquals": {
			      "secretsmanager:VersionStage": "%s"
			    }
			  }""".formatted(PENDING);

	private final List<SecretLocation> locations;

	private final Set<String> parameters = new TreeSet<>();

	private final Set<String> secrets = new TreeSet<>();

	private final Set<String> pendingSecrets = new TreeSet<>();

	private final Set<String> keys = new TreeSet<>();

	private final Set<String> services = new TreeSet<>();

	private final boolean decryption;

	private final boolean pending;

	private LeastPrivilegePolicy(List<SecretLocation> locations, boolean decryption, boolean pending) {
		this.locations = locations;
		this.decryption = decryption;
		this.pending = pending;
		locations.forEach(this::add);
	}

	/**
	 * Creates the policy for declarations.
	 * @param declarations the declarations; those without a valid {@code valueFrom} are
	 * ignored
	 * @return the policy, without permission to decrypt, and for all versions of the
	 * secrets
	 */
	public static LeastPrivilegePolicy of(Collection<SecretDeclaration> declarations) {
		List<SecretLocation> locations = new ArrayList<>();
		for (SecretDeclaration declaration : declarations) {
			try {
				locations.add(SecretReference.parse(declaration).location());
			}
			catch (InvalidSecretReferenceException ex) {
				// No policy could allow to fetch it.
			}
		}
		return new LeastPrivilegePolicy(locations, false, true);
	}

	/**
	 * Returns this policy for secrets that are encrypted with customer managed keys of
	 * KMS. The keys are not known, so the policy allows all keys of the declared account
	 * and region, or of any if none is declared, but only through Parameter Store and
	 * Secrets Manager.
	 * @return the policy with permission to decrypt
	 */
	public LeastPrivilegePolicy withDecryption() {
		return new LeastPrivilegePolicy(this.locations, true, this.pending);
	}

	/**
	 * Returns this policy without requests for {@code AWSPENDING}, the version that a
	 * rotation prepares. Secrets that are declared with that version stage are excepted.
	 * A request may still name the ID of a version. This policy gives no permission to
	 * list these IDs.
	 * @return the policy, for applications that do not set
	 * {@code ecs-secrets.refresh.pending}
	 */
	public LeastPrivilegePolicy withoutPending() {
		return new LeastPrivilegePolicy(this.locations, this.decryption, false);
	}

	private void add(SecretLocation location) {
		if (location instanceof Parameter parameter) {
			String name = parameter.name().startsWith("/") ? parameter.name().substring(1) : parameter.name();
			this.parameters.add(arn(parameter.arn(), "ssm", "parameter/" + name));
			addKey(parameter.arn(), "ssm");
			String secretId = parameter.secretId();
			if (secretId != null) {
				addSecret(this.secrets, parameter.arn(), "secret:" + secretId);
			}
		}
		else if (location instanceof SecretsManagerSecret secret) {
			addSecret(PENDING.equals(secret.versionStage()) ? this.pendingSecrets : this.secrets, secret.arn(),
					secret.arn().resource());
		}
	}

	private void addSecret(Set<String> arns, @Nullable Arn known, String resource) {
		String literal = literal(resource);
		arns.add(arn(known, "secretsmanager", literal));
		arns.add(arn(known, "secretsmanager", literal + ANY_SUFFIX));
		addKey(known, "secretsmanager");
	}

	/**
	 * Escapes the wildcards of IAM.
	 */
	private static String literal(String resource) {
		return resource.replace("*", "${*}").replace("?", "${?}");
	}

	private void addKey(@Nullable Arn known, String service) {
		this.keys.add(arn(known, "kms", "key/*"));
		// The end of the host depends on the partition.
		this.services.add(service + "." + ((known != null) ? known.region() : "*") + ".*");
	}

	private static String arn(@Nullable Arn known, String service, String resource) {
		return (known != null)
				? new Arn(known.partition(), service, known.region(), known.accountId(), resource).toString()
				: "arn:*:" + service + ":*:*:" + resource;
	}

	/**
	 * Returns the policy as a document for IAM.
	 * @return the JSON document, with a line break at its end; it does not depend on the
	 * order of the declarations
	 */
	public String json() {
		List<String> statements = new ArrayList<>();
		if (!this.parameters.isEmpty()) {
			statements.add(statement("ssm:GetParameters", this.parameters, ""));
		}
		Set<String> allVersions = new TreeSet<>(this.pendingSecrets);
		Set<String> notPending = new TreeSet<>(this.secrets);
		if (this.pending) {
			allVersions.addAll(notPending);
		}
		notPending.removeAll(allVersions);
		if (!allVersions.isEmpty()) {
			statements.add(statement("secretsmanager:GetSecretValue", allVersions, ""));
		}
		if (!notPending.isEmpty()) {
			statements.add(statement("secretsmanager:GetSecretValue", notPending, UNLESS_PENDING));
		}
		if (this.decryption && !this.keys.isEmpty()) {
			statements.add(statement("kms:Decrypt", this.keys, """
					,
					  "Condition": {
					    "StringLike": {
					      "kms:ViaService": %s
					    }
					  }""".formatted(array(this.services, 6))));
		}
		return """
				{
				  "Version": "2012-10-17",
				  "Statement": [%s]
				}
				""".formatted(statements.isEmpty() ? "" : "\n" + String.join(",\n", statements) + "\n  ");
	}

	private static String statement(String action, Set<String> resources, String more) {
		return """
				{
				  "Effect": "Allow",
				  "Action": "%s",
				  "Resource": %s%s
				}""".formatted(action, array(resources, 2), more).indent(4).stripTrailing();
	}

	private static String array(Set<String> texts, int indent) {
		String lines = texts.stream().map((text) -> "  " + GoJson.quote(text)).collect(Collectors.joining(",\n"));
		return "[\n" + (lines + "\n]").indent(indent).stripTrailing();
	}

}
