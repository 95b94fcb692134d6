package dev.ecssecrets.boot;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.ecssecrets.FileSecretStore;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.aws.AwsSecretStore;

import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.util.ClassUtils;

/**
 * The store that the properties ask for. A store that cannot be had is one whose every
 * answer says why, so that it is in the one report.
 */
final class SecretStores {

	private static final Map<String, String> SDK = Map.of("software.amazon.awssdk:ssm",
			"software.amazon.awssdk.services.ssm.SsmClient", "software.amazon.awssdk:secretsmanager",
			"software.amazon.awssdk.services.secretsmanager.SecretsManagerClient",
			"software.amazon.awssdk:url-connection-client",
			"software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient");

	private SecretStores() {
	}

	static SecretStore open(SecretsProperties properties) {
		return switch (properties.store()) {
			case AWS -> aws(properties.aws());
			case FILE -> file(properties.file());
		};
	}

	private static SecretStore aws(SecretsProperties.Aws aws) {
		List<String> absent = SDK.entrySet()
			.stream()
			.filter((entry) -> !ClassUtils.isPresent(entry.getValue(), null))
			.map(Map.Entry::getKey)
			.sorted()
			.toList();
		if (!absent.isEmpty()) {
			return failing(Reason.NO_SDK, "not on the class path: " + String.join(", ", absent));
		}
		return AwsSecretStore.builder().region(aws.region()).endpoint(aws.endpoint()).profile(aws.profile()).build();
	}

	private static SecretStore file(SecretsProperties.File file) {
		if (file.location() == null) {
			return failing(Reason.UNREADABLE_FILE,
					"ecs-secrets.store is file, and ecs-secrets.file.location is not set");
		}
		try {
			return new FileSecretStore(ApplicationResourceLoader.get().getResource(file.location()).getURL());
		}
		catch (IOException ex) {
			return failing(Reason.UNREADABLE_FILE, file.location() + " cannot be read: " + ex.getMessage());
		}
	}

	private static SecretStore failing(Reason reason, String detail) {
		return (locations, timeout) -> new Response(locations.stream()
			.collect(Collectors.toMap(Function.identity(), (location) -> new Failed(reason, detail))), 0);
	}

}
