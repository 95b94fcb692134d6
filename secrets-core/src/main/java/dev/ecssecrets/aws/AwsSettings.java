package dev.ecssecrets.aws;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/**
 * Region, credentials and endpoints: those of the {@link AwsOptions}, or those that the
 * SDK would find. In a container, environment variables have them all, and reading these
 * is cheap. Elsewhere the SDK also searches system properties, profiles and the metadata
 * of the instance.
 */
final class AwsSettings {

	/**
	 * Variables that only the SDK's clients evaluate.
	 */
	static final Set<String> LEFT_TO_SDK = Set.of("AWS_PROFILE", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
			"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_PARTITIONS_FILE", "AWS_DEFAULTS_MODE",
			"AWS_AUTH_SCHEME_PREFERENCE", "AWS_SIGV4A_SIGNING_REGION_SET", "AWS_SDK_UA_APP_ID", "HTTP_PROXY",
			"http_proxy", "HTTPS_PROXY", "https_proxy");

	private final AwsOptions options;

	private final Map<String, String> variables;

	private final boolean variablesSuffice;

	private final AwsEndpoints endpoints;

	AwsSettings(AwsOptions options, Map<String, String> variables, Map<?, ?> systemProperties) {
		this.options = options;
		this.variables = variables;
		this.variablesSuffice = options.profile() == null && LEFT_TO_SDK.stream().noneMatch(variables::containsKey)
				&& systemProperties.keySet().stream().noneMatch((name) -> name.toString().startsWith("aws."))
				&& !hasProfiles(variables, systemProperties.get("user.home"));
		this.endpoints = new AwsEndpoints(options, variables, systemProperties, this.variablesSuffice);
	}

	private static boolean hasProfiles(Map<String, String> variables, @Nullable Object home) {
		Path folder = Path.of(variables.getOrDefault("HOME", String.valueOf(home)), ".aws");
		return isFile(variables.get("AWS_CONFIG_FILE"), folder.resolve("config"))
				|| isFile(variables.get("AWS_SHARED_CREDENTIALS_FILE"), folder.resolve("credentials"));
	}

	private static boolean isFile(@Nullable String path, Path defaultPath) {
		if (path == null) {
			return Files.exists(defaultPath);
		}
		// Only the SDK knows which home directory that is.
		return path.startsWith("~") || Files.exists(Path.of(path));
	}

	@Nullable String profile() {
		return this.options.profile();
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
		String variable = this.variables.getOrDefault("AWS_REGION", "");
		return (this.variablesSuffice && !variable.isBlank()) ? variable : null;
	}

	/**
	 * Searches for the region as the SDK does, which may call the metadata service of the
	 * instance.
	 */
	String findRegion() {
		DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
		if (profile() != null) {
			chain.profileName(profile());
		}
		try {
			return chain.build().getRegion().id();
		}
		catch (SdkClientException ex) {
			// The chain treats a malformed file as one without a region. This throws.
			ProfileFile.defaultProfileFile();
			throw ex;
		}
	}

	/**
	 * Returns a hint at a variable that may have been meant as the region.
	 */
	String regionHint() {
		return has("AWS_DEFAULT_REGION") && !has("AWS_REGION")
				? ". AWS_DEFAULT_REGION is set, but the AWS SDK for Java reads AWS_REGION" : "";
	}

	/**
	 * Resolves credentials as the SDK does, from as few sources as possible: in a cold
	 * JVM, each provider of its default chain takes time to load.
	 */
	AwsCredentials resolveCredentials() {
		if (this.options.credentials() != null) {
			return this.options.credentials().resolveCredentials();
		}
		if (profile() != null) {
			// An explicit profile takes precedence over credentials in variables.
			try (ProfileCredentialsProvider provider = ProfileCredentialsProvider.create(profile())) {
				return provider.resolveCredentials();
			}
		}
		if (this.variablesSuffice && has("AWS_ACCESS_KEY_ID") && has("AWS_SECRET_ACCESS_KEY")) {
			return EnvironmentVariableCredentialsProvider.create().resolveCredentials();
		}
		if (this.variablesSuffice && hasContainerOnly()) {
			try (ContainerCredentialsProvider provider = ContainerCredentialsProvider.create()) {
				return provider.resolveCredentials();
			}
		}
		try (DefaultCredentialsProvider provider = DefaultCredentialsProvider.builder().build()) {
			return provider.resolveCredentials();
		}
	}

	/**
	 * Returns whether the container's endpoint is the first provider of the default chain
	 * that has credentials.
	 */
	private boolean hasContainerOnly() {
		return (has("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || has("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
				&& !has("AWS_ACCESS_KEY_ID") && !has("AWS_WEB_IDENTITY_TOKEN_FILE");
	}

	private boolean has(String variable) {
		return this.variables.containsKey(variable);
	}

}
