// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * Location of a value that a {@link SecretStore} fetches as a whole. The JSON key of a
 * declaration is not part of it, so that all keys of a secret share one location.
 *
 * @since 0.1.0
 */
public sealed interface SecretLocation {

	/**
	 * Returns the ARN in the declaration.
	 * @return the ARN, or {@code null} for a parameter that is declared by name
	 */
	@Nullable Arn arn();

	/**
	 * Returns the identifier for AWS.
	 * @return the ARN, or the name of a parameter that is declared by name
	 */
	String id();

	/**
	 * Parameter of SSM Parameter Store, or a secret that Parameter Store returns for
	 * {@code /aws/reference/secretsmanager/ID}.
	 *
	 * @param name the name, with its leading slash if it has a path
	 * @param arn the ARN, or {@code null} if the parameter is declared by name and
	 * belongs to the application's own region and account
	 */
	record Parameter(String name, @Nullable Arn arn) implements SecretLocation {

		static final String SECRET_REFERENCE = "/aws/reference/secretsmanager/";

		private static final String RESOURCE = "parameter/";

		/**
		 * Returns the name of the parameter in an ARN.
		 * @return the name, or {@code null} if the ARN is not that of a parameter
		 */
		static @Nullable String nameIn(Arn arn) {
			if (!arn.resource().startsWith(RESOURCE)) {
				return null;
			}
			// The slash between the resource and the name is also the first slash of a
			// path.
			String name = arn.resource().substring(RESOURCE.length());
			return name.contains("/") ? "/" + name : name;
		}

		/**
		 * Returns whether a text is a valid name or path of a parameter.
		 */
		static boolean isName(String name) {
			if (name.startsWith(SECRET_REFERENCE)) {
				String id = name.substring(SECRET_REFERENCE.length());
				return !id.isEmpty() && id.indexOf(':') < 0 && ReferenceText.find(id) == null;
			}
			boolean path = name.startsWith("/");
			return !name.isEmpty() && !name.endsWith("/") && !name.contains("//") && (path || name.indexOf('/') < 0)
					&& hasOnlyNameCharacters(name);
		}

		private static boolean hasOnlyNameCharacters(String name) {
			for (int i = 0; i < name.length(); i++) {
				char character = name.charAt(i);
				if (!((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')
						|| (character >= '-' && character <= '9') || character == '_')) {
					return false;
				}
			}
			return true;
		}

		/**
		 * Returns the ID of the secret that this parameter refers to.
		 * @return the ID in {@code /aws/reference/secretsmanager/ID}, or {@code null} for
		 * any other name
		 */
		public @Nullable String secretId() {
			return this.name.startsWith(SECRET_REFERENCE) ? this.name.substring(SECRET_REFERENCE.length()) : null;
		}

		@Override
		public String id() {
			return (this.arn != null) ? this.arn.toString() : this.name;
		}

		// By hand, see Arn.
		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Parameter parameter && this.name.equals(parameter.name)
					&& Objects.equals(this.arn, parameter.arn);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.name, this.arn);
		}

	}

	/**
	 * Version of a secret of Secrets Manager.
	 *
	 * @param arn the ARN of the secret
	 * @param versionStage the staging label, or {@code null} for {@code AWSCURRENT}
	 * @param versionId the unique identifier of the version, or {@code null} for the
	 * version with the staging label
	 */
	record SecretsManagerSecret(Arn arn, @Nullable String versionStage,
			@Nullable String versionId) implements SecretLocation {

		static final String RESOURCE = "secret";

		/**
		 * Returns the ID of the secret in its ARN.
		 * @return the name of the secret, with its random suffix if the ARN has one
		 */
		public String secretId() {
			return this.arn.resource().substring(RESOURCE.length() + 1);
		}

		@Override
		public String id() {
			return this.arn.toString();
		}

		// By hand, see Arn.
		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof SecretsManagerSecret secret && this.arn.equals(secret.arn)
					&& Objects.equals(this.versionStage, secret.versionStage)
					&& Objects.equals(this.versionId, secret.versionId);
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.arn, this.versionStage, this.versionId);
		}

	}

}
