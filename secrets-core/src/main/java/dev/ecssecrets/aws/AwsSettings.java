package dev.ecssecrets.aws;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

/**
 * Region, endpoint and credentials: what was set, else what the SDK would find. In a
 * container that is in environment variables alone, which need no more than a look;
 * elsewhere the SDK looks into system properties, profiles and an instance's metadata
 * too.
 */
final class AwsSettings {

	private static final String ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL";

	private static final String ENDPOINT_PROPERTY = "aws.endpointUrl";

	/**
	 * What only the SDK's clients heed.
	 */
	static final Set<String> LEFT_TO_SDK = Set.of("AWS_PROFILE", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
			"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_PARTITIONS_FILE", "AWS_DEFAULTS_MODE",
			"AWS_AUTH_SCHEME_PREFERENCE", "AWS_SIGV4A_SIGNING_REGION_SET", "AWS_SDK_UA_APP_ID", "HTTP_PROXY",
			"http_proxy", "HTTPS_PROXY", "https_proxy");

	// Of the partitions aws and aws-us-gov, whose endpoints have the same suffix.
	private static final Set<String> COMMON_AREAS = Set.of("us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx");

	private final @Nullable String region;

	private final @Nullable URI endpoint;

	private final String endpointSetting;

	private final @Nullable String profile;

	private final @Nullable AwsCredentialsProvider credentials;

	private final Map<String, String> variables;

	private final Map<?, ?> systemProperties;

	private final Consumer<String> warnings;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	// Whether there is nothing else that the SDK would heed.
	private final boolean variablesTellAll;

	AwsSettings(Given set, Map<String, String> variables, Map<?, ?> systemProperties) {
		this.region = set.region();
		this.endpoint = set.endpoint();
		this.endpointSetting = set.endpointSetting();
		this.profile = set.profile();
		this.credentials = set.credentials();
		this.warnings = set.warnings();
		this.variables = variables;
		this.systemProperties = systemProperties;
		this.variablesTellAll = set.profile() == null && LEFT_TO_SDK.stream().noneMatch(variables::containsKey)
				&& systemProperties.keySet().stream().noneMatch((name) -> name.toString().startsWith("aws."))
				&& !hasProfiles(variables, systemProperties.get("user.home"));
	}

	private static boolean hasProfiles(Map<String, String> variables, @Nullable Object home) {
		Path folder = Path.of(variables.getOrDefault("HOME", String.valueOf(home)), ".aws");
		return isFile(variables.get("AWS_CONFIG_FILE"), folder.resolve("config"))
				|| isFile(variables.get("AWS_SHARED_CREDENTIALS_FILE"), folder.resolve("credentials"));
	}

	private static boolean isFile(@Nullable String path, Path standard) {
		if (path == null) {
			return Files.exists(standard);
		}
		// Only the SDK knows which home that is.
		return path.startsWith("~") || Files.exists(Path.of(path));
	}

	private boolean has(String variable) {
		return this.variables.containsKey(variable);
	}

	@Nullable String profile() {
		return this.profile;
	}

	/**
	 * Returns the region of what names none.
	 * @return the region, or {@code null} if it has to be sought
	 */
	@Nullable String region() {
		if (this.region != null) {
			return this.region;
		}
		String variable = this.variables.getOrDefault("AWS_REGION", "");
		return (this.variablesTellAll && !variable.isBlank()) ? variable : null;
	}

	/**
	 * Has the SDK seek the region, which may ask an instance's metadata.
	 */
	String findRegion() {
		DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
		if (this.profile != null) {
			chain.profileName(this.profile);
		}
		try {
			return chain.build().getRegion().id();
		}
		catch (SdkClientException ex) {
			// To the chain, a file that cannot be read is one without a region.
			ProfileFile.defaultProfileFile();
			throw ex;
		}
	}

	AwsCredentials resolveCredentials() {
		if (this.credentials != null) {
			return this.credentials.resolveCredentials();
		}
		if (this.profile != null) {
			// A profile that is asked for wins over credentials that happen to be there.
			try (ProfileCredentialsProvider provider = ProfileCredentialsProvider.create(this.profile)) {
				return provider.resolveCredentials();
			}
		}
		if (this.variablesTellAll && has("AWS_ACCESS_KEY_ID") && has("AWS_SECRET_ACCESS_KEY")) {
			return EnvironmentVariableCredentialsProvider.create().resolveCredentials();
		}
		boolean container = has("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") || has("AWS_CONTAINER_CREDENTIALS_FULL_URI");
		if (this.variablesTellAll && container && !has("AWS_ACCESS_KEY_ID") && !has("AWS_WEB_IDENTITY_TOKEN_FILE")) {
			try (ContainerCredentialsProvider provider = ContainerCredentialsProvider.create()) {
				return provider.resolveCredentials();
			}
		}
		try (DefaultCredentialsProvider provider = DefaultCredentialsProvider.builder().build()) {
			return provider.resolveCredentials();
		}
	}

	/**
	 * Returns the endpoint that was set for both services.
	 * @return the endpoint, or {@code null} if none was
	 * @throws IllegalArgumentException if it is malformed
	 */
	@Nullable URI endpoint() {
		if (this.endpoint != null) {
			check(this.endpoint, this.endpointSetting);
		}
		return this.endpoint;
	}

	/**
	 * Checks the endpoint that the SDK has found for a service.
	 * @throws IllegalArgumentException if it is malformed
	 */
	void checkFound(URI endpoint, AwsService service) {
		if (this.endpoint == null) {
			check(endpoint, endpointSetting(service));
		}
	}

	/**
	 * Returns what sets the endpoint of a service, sought in the SDK's order.
	 */
	private String endpointSetting(AwsService service) {
		return Stream.of(service.endpointProperty, ENDPOINT_PROPERTY)
			.filter(this.systemProperties::containsKey)
			.findFirst()
			.or(() -> Stream.of(service.endpointVariable, ENDPOINT_VARIABLE).filter(this::has).findFirst())
			.orElse("endpoint_url of the AWS profile");
	}

	/**
	 * Returns the endpoint of a service that needs nothing else of the SDK's clients.
	 * @param service the service
	 * @param region its region
	 * @return the endpoint, or {@code null} if the SDK's clients have to be used
	 * @throws IllegalArgumentException if the one that was set is malformed
	 */
	@Nullable URI directEndpoint(AwsService service, String region) {
		URI set = endpoint();
		String variable = this.variables.getOrDefault(service.endpointVariable, this.variables.get(ENDPOINT_VARIABLE));
		if (!this.variablesTellAll) {
			return null;
		}
		if (set == null && variable != null) {
			set = URI.create(variable);
		}
		if (set == null && isCommon(region)) {
			return URI.create("https://" + service.id + "." + region + ".amazonaws.com");
		}
		if (set == null || !isRoot(set)) {
			return null;
		}
		checkFound(set, service);
		return set;
	}

	/**
	 * Returns whether a region is one such as {@code eu-west-1} or {@code us-gov-east-1}.
	 */
	private static boolean isCommon(String region) {
		int area = region.indexOf('-');
		int number = region.lastIndexOf('-');
		if (area == number || !COMMON_AREAS.contains(region.substring(0, area))) {
			return false;
		}
		int place = region.startsWith("gov-", area + 1) ? area + 4 : area;
		return place + 1 < number && number + 1 < region.length()
				&& region.substring(place + 1, number).chars().allMatch((letter) -> letter >= 'a' && letter <= 'z')
				&& region.substring(number + 1).chars().allMatch((digit) -> digit >= '0' && digit <= '9');
	}

	/**
	 * Returns whether a host is this machine by its text alone. The host of a URI that
	 * has no letters is an IPv4 address.
	 */
	private static boolean isLoopback(String host) {
		return host.equalsIgnoreCase("localhost") || host.equals("[::1]") || host.equals("[0:0:0:0:0:0:0:1]")
				|| (host.startsWith("127.")
						&& host.chars().allMatch((character) -> character == '.' || Character.isDigit(character)));
	}

	private static boolean isRoot(URI endpoint) {
		return isComplete(endpoint) && endpoint.getRawUserInfo() == null && endpoint.getRawQuery() == null
				&& (endpoint.getRawPath().isEmpty() || endpoint.getRawPath().equals("/"));
	}

	private static boolean isComplete(URI endpoint) {
		return ("http".equalsIgnoreCase(endpoint.getScheme()) || "https".equalsIgnoreCase(endpoint.getScheme()))
				&& endpoint.getHost() != null;
	}

	/**
	 * Checks an endpoint, as the SDK finds out about some of it only when it has
	 * something to send. Warns once of one where secrets go unencrypted over a network.
	 * @param endpoint the endpoint
	 * @param setting what sets it
	 */
	private void check(URI endpoint, String setting) {
		if (!isComplete(endpoint)) {
			throw new IllegalArgumentException(
					setting + " needs http:// or https://, and a host of letters, digits, '-' and '.'");
		}
		if (!"https".equalsIgnoreCase(endpoint.getScheme()) && !isLoopback(endpoint.getHost())
				&& this.warned.add(setting)) {
			this.warnings.accept(setting + " is an endpoint without TLS, http://" + endpoint.getHost()
					+ ": whoever is on the way there can read the secrets. Set one with https://");
		}
	}

	/**
	 * What the application sets.
	 *
	 * @param region the region
	 * @param endpoint the endpoint of both services
	 * @param endpointSetting what sets the endpoint, for messages
	 * @param profile the profile
	 * @param credentials where credentials are from
	 * @param warnings takes warnings
	 */
	record Given(@Nullable String region, @Nullable URI endpoint, String endpointSetting, @Nullable String profile,
			@Nullable AwsCredentialsProvider credentials, Consumer<String> warnings) {

	}

}
