// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.ecssecrets.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints of the services. Warns once about each setting that sends secrets in clear
 * text over a network.
 */
final class AwsEndpoints {

	private static final String ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL";

	private static final String ENDPOINT_PROPERTY = "aws.endpointUrl";

	// Areas of the partitions aws and aws-us-gov, whose endpoints have the same suffix.
	private static final Set<String> COMMON_AREAS = Set.of("us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx");

	private final AwsOptions options;

	private final Map<String, String> variables;

	private final Map<?, ?> systemProperties;

	private final @Nullable String sdkSetting;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	/**
	 * Creates endpoints.
	 * @param options the options of the application
	 * @param variables the environment variables
	 * @param systemProperties the system properties
	 * @param sdkSetting the setting that only the SDK evaluates, or {@code null} if the
	 * options and the variables have everything
	 */
	AwsEndpoints(AwsOptions options, Map<String, String> variables, Map<?, ?> systemProperties,
			@Nullable String sdkSetting) {
		this.options = options;
		this.variables = variables;
		this.systemProperties = systemProperties;
		this.sdkSetting = sdkSetting;
	}

	/**
	 * Returns the endpoint of both services in the options.
	 * @return the endpoint, which {@link #direct} has checked, or {@code null}
	 */
	@Nullable URI configured() {
		return this.options.endpoint();
	}

	/**
	 * Returns the endpoint of a service that can be called without the SDK's clients.
	 * @param service the service
	 * @param region its region
	 * @return the endpoint, or {@code null} if the SDK's clients have to be used
	 * @throws IllegalArgumentException if the endpoint is malformed
	 */
	@Nullable URI direct(AwsService service, String region) {
		URI configured = this.options.endpoint();
		if (configured != null) {
			check(configured, this.options.endpointSetting());
		}
		if (this.sdkSetting != null) {
			return null;
		}
		URI endpoint = (configured != null) ? configured : inVariables(service);
		if (endpoint == null) {
			return isCommon(region) ? URI.create("https://" + service.id + "." + region + ".amazonaws.com") : null;
		}
		checkFound(endpoint, service);
		return isRoot(endpoint) ? endpoint : null;
	}

	/**
	 * Returns why a service cannot be called without the SDK's clients.
	 * @param region the region of the service
	 */
	String sdkPurpose(String region) {
		if (this.sdkSetting != null) {
			return this.sdkSetting;
		}
		return (isCommon(region) || this.options.endpoint() != null)
				? "the endpoint has a path, a query or a user, which only the AWS SDK evaluates"
				: "only the AWS SDK knows the endpoints of region '" + PrintableText.of(region) + "', unless "
						+ AwsService.PARAMETER_STORE.endpointVariable + " and "
						+ AwsService.SECRETS_MANAGER.endpointVariable + " are set";
	}

	private @Nullable URI inVariables(AwsService service) {
		String name = variable(service);
		return (name != null) ? parse(this.variables.getOrDefault(name, "").trim(), name) : null;
	}

	/**
	 * Returns the name of the variable that has the endpoint of a service.
	 */
	private @Nullable String variable(AwsService service) {
		for (String name : List.of(service.endpointVariable, ENDPOINT_VARIABLE)) {
			if (!this.variables.getOrDefault(name, "").isBlank()) {
				return name;
			}
		}
		return null;
	}

	private static URI parse(String text, String setting) {
		try {
			return URI.create(text);
		}
		catch (IllegalArgumentException ex) {
			// Its message quotes the URI, which may have a password.
			throw malformed(setting);
		}
	}

	private static IllegalArgumentException malformed(String setting) {
		return new IllegalArgumentException(
				setting + " must begin with http:// or https:// and have a host of letters, digits, '-' and '.'");
	}

	/**
	 * Returns whether the options or the variables have an endpoint on this machine.
	 */
	boolean areOnThisMachine() {
		try {
			for (AwsService service : AwsService.values()) {
				URI endpoint = (this.options.endpoint() != null) ? this.options.endpoint() : inVariables(service);
				if (endpoint != null && endpoint.getHost() != null && isLoopback(endpoint.getHost())) {
					return true;
				}
			}
		}
		catch (IllegalArgumentException ex) {
			// It is reported before the credentials are.
		}
		return false;
	}

	/**
	 * Checks the endpoint that the SDK has found for a service.
	 * @throws IllegalArgumentException if it is malformed
	 */
	void checkFound(URI endpoint, AwsService service) {
		if (this.options.endpoint() == null) {
			check(endpoint, setting(service));
		}
	}

	/**
	 * Returns the name of the setting that has the endpoint of a service, in the SDK's
	 * order of precedence.
	 */
	private String setting(AwsService service) {
		for (String property : List.of(service.endpointProperty, ENDPOINT_PROPERTY)) {
			if (this.systemProperties.containsKey(property)) {
				return property;
			}
		}
		return Objects.requireNonNullElse(variable(service), "endpoint_url of the AWS profile");
	}

	/**
	 * Checks an endpoint early. The SDK reports some mistakes only when it sends a
	 * request.
	 */
	private void check(URI endpoint, String setting) {
		if (!isComplete(endpoint)) {
			throw malformed(setting);
		}
		if (!"https".equalsIgnoreCase(endpoint.getScheme()) && !isLoopback(endpoint.getHost())
				&& this.warned.add(setting)) {
			this.options.warnings()
				.accept(setting + " (http://" + endpoint.getHost()
						+ ") does not use TLS, so secrets would be sent in clear text. Use an https:// endpoint");
		}
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
		return place + 1 < number && number + 1 < region.length() && isWithin(region, place + 1, number, 'a', 'z')
				&& isWithin(region, number + 1, region.length(), '0', '9');
	}

	private static boolean isWithin(String text, int start, int end, char first, char last) {
		for (int i = start; i < end; i++) {
			if (text.charAt(i) < first || text.charAt(i) > last) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Returns whether a host is this machine, without a lookup. In a URI, a host without
	 * letters is an IPv4 address.
	 */
	private static boolean isLoopback(String host) {
		return host.equalsIgnoreCase("localhost") || host.equals("[::1]") || host.equals("[0:0:0:0:0:0:0:1]")
				|| (host.startsWith("127.") && isWithin(host.replace('.', '0'), 0, host.length(), '0', '9'));
	}

	private static boolean isRoot(URI endpoint) {
		return isComplete(endpoint) && endpoint.getRawUserInfo() == null && endpoint.getRawQuery() == null
				&& (endpoint.getRawPath().isEmpty() || endpoint.getRawPath().equals("/"));
	}

	private static boolean isComplete(URI endpoint) {
		return ("http".equalsIgnoreCase(endpoint.getScheme()) || "https".equalsIgnoreCase(endpoint.getScheme()))
				&& endpoint.getHost() != null;
	}

}
