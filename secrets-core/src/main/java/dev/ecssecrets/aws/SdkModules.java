// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Modules of the AWS SDK, which may be absent. Applications need not name this type.
 *
 * @since 0.1.0
 */
public final class SdkModules {

	/**
	 * A class of each module.
	 */
	static final Map<String, String> CLASSES = Map.of("auth",
			"software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider", "secretsmanager",
			"software.amazon.awssdk.services.secretsmanager.SecretsManagerClient", "signin",
			"software.amazon.awssdk.services.signin.auth.LoginProfileCredentialsProviderFactory", "ssm",
			"software.amazon.awssdk.services.ssm.SsmClient", "sso",
			"software.amazon.awssdk.services.sso.auth.SsoProfileCredentialsProviderFactory", "ssooidc",
			"software.amazon.awssdk.services.ssooidc.SsoOidcProfileTokenProviderFactory", "sts",
			"software.amazon.awssdk.services.sts.internal.StsWebIdentityCredentialsProviderFactory",
			"url-connection-client", "software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient");

	private SdkModules() {
	}

	/**
	 * Returns the SDK.
	 * @param purpose a sentence that says why it is needed
	 * @param modules the modules that are needed
	 * @throws AwsException if one of them is absent
	 */
	static AwsSdk require(String purpose, String... modules) {
		String absent = absent(modules);
		if (absent != null) {
			throw new AwsException(Reason.NO_SDK, purpose + ". Not on the class path: " + absent);
		}
		return ServiceLoader.load(AwsSdk.class, AwsSdk.class.getClassLoader()).iterator().next();
	}

	/**
	 * Returns the dependencies that are absent.
	 * @param modules the modules that are needed
	 * @return the dependencies with their versions, or {@code null} if there are none
	 */
	public static @Nullable String absent(String... modules) {
		List<String> absent = Stream.of(modules).filter((module) -> !isPresent(CLASSES.get(module))).sorted().toList();
		return absent.isEmpty() ? null : absent.stream().map(SdkModules::dependency).collect(Collectors.joining(", "));
	}

	/**
	 * Looks for the file of a class: to load a client of the SDK would take longer than
	 * to fetch without it.
	 */
	private static boolean isPresent(@Nullable String className) {
		return className != null
				&& SdkModules.class.getClassLoader().getResource(className.replace('.', '/') + ".class") != null;
	}

	/**
	 * Returns a dependency as a build file declares it.
	 * @param module the module of the SDK
	 */
	static String dependency(String module) {
		return "software.amazon.awssdk:" + module + ":" + version();
	}

	/**
	 * Returns the version of the SDK that this library was built with.
	 */
	private static String version() {
		try (InputStream version = SdkModules.class.getResourceAsStream("sdk-version.txt")) {
			return (version != null) ? new String(version.readAllBytes(), StandardCharsets.UTF_8).strip() : "";
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
