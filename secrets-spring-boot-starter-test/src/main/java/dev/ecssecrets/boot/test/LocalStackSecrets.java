// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.ecssecrets.Arn;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.aws.AwsCredentials;
import dev.ecssecrets.aws.AwsSecretStore;
import dev.ecssecrets.localstack.LocalStack;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

import org.springframework.util.StringUtils;

/**
 * Secrets in a LocalStack.
 */
final class LocalStackSecrets {

	private static final String CURRENT = "AWSCURRENT";

	private static final String PREVIOUS = "AWSPREVIOUS";

	private LocalStackSecrets() {
	}

	/**
	 * Puts values into a LocalStack.
	 * @param values the values
	 * @param region the region of parameters that are declared by name, or {@code null}
	 * for the one of the LocalStack
	 * @return the store that fetches them there
	 */
	static SecretStore store(TestValues values, @Nullable String region) {
		LocalStack localStack = LocalStack.get();
		localStack = localStack.withAccount(account(values.locations(), localStack.accountId()));
		if (StringUtils.hasText(region)) {
			localStack = localStack.withRegion(region);
		}
		put(values, localStack);
		AwsCredentials credentials = new AwsCredentials(localStack.accessKeyId(), localStack.secretAccessKey(), null,
				null);
		return AwsSecretStore.builder()
			.endpoint(localStack.endpoint())
			.region(localStack.region())
			.credentials(() -> credentials)
			.build();
	}

	private static String account(Set<SecretLocation> locations, String preferred) {
		Set<String> accounts = locations.stream()
			.map(SecretLocation::arn)
			.filter((arn) -> arn != null)
			.map(Arn::accountId)
			.collect(Collectors.toCollection(TreeSet::new));
		if (accounts.size() > 1) {
			throw new TestSecretsException("The declared ARNs belong to several accounts, " + accounts
					+ ", and a LocalStack serves one at a time. Use @TestSecrets without localStack.");
		}
		return accounts.isEmpty() ? preferred : accounts.iterator().next();
	}

	private static void put(TestValues values, LocalStack localStack) {
		Map<String, String> texts = new HashMap<>();
		Map<Arn, Map<SecretsManagerSecret, String>> secrets = new LinkedHashMap<>();
		values.store().fetch(values.locations(), Duration.ZERO).answers().forEach((location, answer) -> {
			if (answer instanceof Found found) {
				String text = found.value().reveal();
				String target = target(location, localStack.region());
				if (!text.equals(texts.computeIfAbsent(target, (key) -> text))) {
					throw new TestSecretsException("Several declarations refer to " + target
							+ " in different forms, and their values differ. A LocalStack holds only one of them. Use the"
							+ " same valueFrom, or @TestSecrets without localStack.");
				}
				if (location instanceof Parameter parameter) {
					put(parameter, text, localStack);
				}
				else if (location instanceof SecretsManagerSecret secret) {
					secrets.computeIfAbsent(secret.arn(), (arn) -> new LinkedHashMap<>()).put(secret, text);
				}
			}
		});
		secrets.forEach((arn, versions) -> put(versions, localStack.withRegion(arn.region())));
	}

	/**
	 * Describes the target of a location: equally for all locations with that target.
	 */
	private static String target(SecretLocation location, String defaultRegion) {
		String region = " in " + ((location.arn() != null) ? location.arn().region() : defaultRegion);
		if (location instanceof SecretsManagerSecret secret) {
			String version = (secret.versionId() != null) ? secret.versionId()
					: Objects.requireNonNullElse(secret.versionStage(), CURRENT);
			return version + " of the secret " + secret.secretId() + region;
		}
		String secretId = ((Parameter) location).secretId();
		return (secretId != null) ? CURRENT + " of the secret " + secretId + region
				: "the parameter " + ((Parameter) location).name() + region;
	}

	private static void put(Parameter parameter, String text, LocalStack localStack) {
		LocalStack there = (parameter.arn() != null) ? localStack.withRegion(parameter.arn().region()) : localStack;
		String secretId = parameter.secretId();
		if (secretId != null) {
			there.putSecret(secretId, text);
		}
		else {
			there.putParameter(parameter.name(), text);
		}
	}

	/**
	 * Puts the versions of one secret.
	 */
	private static void put(Map<SecretsManagerSecret, String> versions, LocalStack there) {
		// A random suffix counts as a part of the name. LocalStack adds another, and also
		// finds the ARN without it.
		String name = versions.keySet().iterator().next().secretId();
		Map<String, String> byStage = new LinkedHashMap<>();
		Map<String, String> byId = new LinkedHashMap<>();
		versions.forEach((version, text) -> {
			if (version.versionId() != null) {
				byId.put(version.versionId(), text);
			}
			else {
				byStage.put((version.versionStage() != null) ? version.versionStage() : CURRENT, text);
			}
		});
		String current = byStage.getOrDefault(CURRENT, name);
		String previous = byStage.remove(PREVIOUS);
		byStage.remove(CURRENT);
		SecretsManagerClient client = there.secretsManager();
		if (previous != null || !byId.isEmpty()) {
			// Versions that another test has put cannot be changed.
			client.deleteSecret((request) -> request.secretId(name).forceDeleteWithoutRecovery(true));
		}
		if (previous != null) {
			there.putSecret(name, previous);
		}
		there.putSecret(name, current);
		byStage.forEach((stage, text) -> client
			.putSecretValue((request) -> request.secretId(name).secretString(text).versionStages(stage)));
		byId.forEach((id,
				text) -> client.putSecretValue((request) -> request.secretId(name)
					.secretString(text)
					.clientRequestToken(id)
					.versionStages("version-" + id)));
	}

}
