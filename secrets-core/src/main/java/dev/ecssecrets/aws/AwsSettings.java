// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.aws.AwsSdk.ClientSettings;
import org.jspecify.annotations.Nullable;

/**
 * Region, credentials and endpoints: those of the {@link AwsOptions}, or those that the
 * SDK would find. In a container, environment variables have them all, and no SDK is
 * needed. Elsewhere it also searches system properties, profiles and the metadata of the
 * instance.
 */
final class AwsSettings {

	/**
	 * Variables that only the SDK evaluates.
	 */
	static final List<String> LEFT_TO_SDK = List.of("AWS_PROFILE", "AWS_USE_FIPS_ENDPOINT",
			"AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_PARTITIONS_FILE",
			"AWS_DEFAULTS_MODE", "AWS_AUTH_SCHEME_PREFERENCE", "AWS_SIGV4A_SIGNING_REGION_SET", "AWS_SDK_UA_APP_ID",
			"HTTP_PROXY", "http_proxy");

	private static final String KEYS_OF_EMULATOR = ". If the endpoint on this machine is an emulator, it accepts any"
			+ " keys, such as AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test";

	private static final String[] CLIENT_MODULES = { "ssm", "secretsmanager", "url-connection-client" };

	// The first time, it took the time of all attempts.
	private static final Duration ASKED_AGAIN = Duration.ofSeconds(2);

	private static final String WEB_IDENTITY = "AWS_WEB_IDENTITY_TOKEN_FILE";

	private final AwsOptions options;

	private final Map<String, String> variables;

	// A clause that names what only the SDK evaluates, or null.
	private final @Nullable String sdkSetting;

	private final AwsEndpoints endpoints;

	AwsSettings(AwsOptions options, Map<String, String> variables, Map<?, ?> systemProperties) {
		this.options = options;
		this.variables = variables;
		this.sdkSetting = sdkSetting(options, variables, systemProperties);
		this.endpoints = new AwsEndpoints(options, variables, systemProperties, this.sdkSetting);
	}

	private static @Nullable String sdkSetting(AwsOptions options, Map<String, String> variables,
			Map<?, ?> systemProperties) {
		if (options.profile() != null) {
			return "the AWS profile '" + PrintableText.of(options.profile()) + "' is set, which only the AWS SDK reads";
		}
		for (String variable : LEFT_TO_SDK) {
			String value = variables.getOrDefault(variable, "").trim();
			// A switch that is off.
			boolean off = value.equalsIgnoreCase("false") && !variable.equals("AWS_PROFILE");
			if (!value.isEmpty() && !off) {
				return leftToSdk(variable);
			}
		}
		for (Object name : systemProperties.keySet()) {
			if (name.toString().startsWith("aws.")) {
				return "the system property " + PrintableText.of(name.toString())
						+ " is set, which only the AWS SDK evaluates";
			}
		}
		String file = profileFile(variables, systemProperties.get("user.home"));
		return (file != null) ? PrintableText.of(file) + " exists, which only the AWS SDK reads" : null;
	}

	private static String leftToSdk(String variable) {
		return "the environment variable " + variable + " is set, which only the AWS SDK evaluates";
	}

	private static @Nullable String profileFile(Map<String, String> variables, @Nullable Object home) {
		Path folder = Path.of(variables.getOrDefault("HOME", String.valueOf(home)), ".aws");
		for (String name : List.of("config", "credentials")) {
			String variable = name.equals("config") ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE";
			String file = variables.getOrDefault(variable, "").trim();
			if (file.isEmpty()) {
				file = folder.resolve(name).toString();
			}
			// Only the SDK knows which home directory a tilde is.
			if (file.startsWith("~") || Files.exists(Path.of(file))) {
				return file;
			}
		}
		return null;
	}

	AwsEndpoints endpoints() {
		return this.endpoints;
	}

	/**
	 * Returns the region of parameters that are declared by name.
	 * @return the region, or {@code null} if {@link #findRegion()} has to search for it
	 */
	@Nullable String region() {
		if (this.options.region() != null) {
			return this.options.region();
		}
		return (this.sdkSetting == null) ? value("AWS_REGION") : null;
	}

	/**
	 * Searches for the region as the SDK does, which may call the metadata service of the
	 * instance.
	 * @return the region
	 * @throws AwsException if there is none
	 */
	String findRegion() {
		String absent = SdkModules.absent("auth");
		if (this.sdkSetting == null && absent != null) {
			throw AwsException.noRegion("AWS_REGION is not set" + regionHint()
					+ ". To read the region from the metadata of an EC2 instance, add " + absent);
		}
		String region = sdk().findRegion(this.options.profile());
		if (region == null) {
			throw AwsException.noRegion(noRegionInProfile() + regionHint());
		}
		return region;
	}

	private String noRegionInProfile() {
		String profile = (this.options.profile() != null) ? this.options.profile() : value("AWS_PROFILE");
		return (profile != null) ? "AWS_REGION is not set, and the AWS profile '" + PrintableText.of(profile)
				+ "' does not exist or has none" : "the configuration of this process has none either";
	}

	/**
	 * Returns a hint at a variable that may have been meant as the region.
	 */
	private String regionHint() {
		return value("AWS_DEFAULT_REGION") != null && value("AWS_REGION") == null
				? ". AWS_DEFAULT_REGION is set, but the AWS SDK for Java reads AWS_REGION" : "";
	}

	/**
	 * Resolves credentials as the SDK does, and without it where the variables or the
	 * container have them: in a cold JVM, each provider of its default chain takes time
	 * to load.
	 * @return the credentials
	 * @throws RuntimeException if there are none
	 */
	AwsCredentials resolveCredentials() {
		if (this.options.credentials() != null) {
			AwsCredentials credentials = this.options.credentials().get();
			if (credentials == null) {
				throw new AwsException(Reason.NO_CREDENTIALS, "the supplier of credentials returned null");
			}
			return credentials;
		}
		try {
			AwsCredentials credentials = (this.sdkSetting == null) ? ofVariables() : null;
			return (credentials != null) ? credentials : ofSdk();
		}
		catch (AwsException ex) {
			throw (this.options.profile() == null && this.endpoints.areOnThisMachine())
					? new AwsException(ex.reason(), withoutFullStop(ex.getMessage()) + KEYS_OF_EMULATOR) : ex;
		}
	}

	private static String withoutFullStop(String message) {
		return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
	}

	private @Nullable AwsCredentials ofVariables() {
		String id = value("AWS_ACCESS_KEY_ID");
		String secret = value("AWS_SECRET_ACCESS_KEY");
		if (id != null && secret != null) {
			return new AwsCredentials(id, secret, value("AWS_SESSION_TOKEN"), value("AWS_ACCOUNT_ID"));
		}
		return (value(WEB_IDENTITY) == null && ContainerEndpoint.isConfigured(this.variables))
				? ContainerCredentials.resolve(this.variables) : null;
	}

	/**
	 * Resolves credentials with the SDK. If it has none, and its chain includes a
	 * container, the container is asked again: the chain does not report its fault.
	 */
	private AwsCredentials ofSdk() {
		AwsSdk sdk = sdkForCredentials();
		String fault;
		try {
			return sdk.resolveCredentials(this.options.profile());
		}
		catch (IllegalStateException ex) {
			fault = Objects.requireNonNullElse(ex.getMessage(), "none found");
		}
		try {
			if (this.options.profile() == null && ContainerEndpoint.isConfigured(this.variables)) {
				return ContainerCredentials.resolve(this.variables, ASKED_AGAIN);
			}
		}
		catch (AwsException ex) {
			fault += "; " + ex.getMessage();
		}
		throw new AwsException(Reason.NO_CREDENTIALS, fault);
	}

	private AwsSdk sdkForCredentials() {
		if (this.sdkSetting != null) {
			return sdk();
		}
		String absent = SdkModules.absent("auth");
		if (absent != null && value(WEB_IDENTITY) != null) {
			// Where it has the others, the SDK's chain tells of absent ones by itself.
			return SdkModules.require(leftToSdk(WEB_IDENTITY), "auth", "sts", "url-connection-client");
		}
		if (absent != null) {
			throw new AwsException(Reason.NO_CREDENTIALS,
					missingVariables()
							+ ", and the variables of a container are not set. To use the role of an EC2 instance, add "
							+ absent);
		}
		return sdk();
	}

	private String missingVariables() {
		String id = "AWS_ACCESS_KEY_ID";
		String secret = "AWS_SECRET_ACCESS_KEY";
		if (value(id) == null) {
			return (value(secret) == null) ? id + " and " + secret + " are not set" : secret + " is set without " + id;
		}
		return id + " is set without " + secret;
	}

	/**
	 * Creates clients of the SDK.
	 * @param region the first region that is called
	 * @param credentials returns the credentials
	 * @param timeLeft the time that is left for the fetch
	 * @return the clients
	 * @throws AwsException if the SDK is absent
	 */
	AwsSdk.Clients sdkClients(String region, Supplier<AwsCredentials> credentials, Duration timeLeft) {
		return SdkModules.require(this.endpoints.sdkPurpose(region), CLIENT_MODULES)
			.clients(new ClientSettings(this.options.profile(), this.endpoints.configured(), credentials,
					min(AwsApi.CONNECT_TIMEOUT, timeLeft), min(AwsApi.READ_TIMEOUT, timeLeft)));
	}

	/**
	 * Returns the SDK. A setting that only it evaluates concerns its clients, too.
	 */
	private AwsSdk sdk() {
		return (this.sdkSetting != null) ? SdkModules.require(this.sdkSetting, CLIENT_MODULES)
				: SdkModules.require("", "auth");
	}

	private static Duration min(Duration limit, Duration timeout) {
		return (limit.compareTo(timeout) < 0) ? limit : timeout;
	}

	/**
	 * Returns the value of a variable as the SDK reads it: without blanks around it.
	 */
	private @Nullable String value(String variable) {
		String value = this.variables.getOrDefault(variable, "").trim();
		return value.isBlank() ? null : value;
	}

}
