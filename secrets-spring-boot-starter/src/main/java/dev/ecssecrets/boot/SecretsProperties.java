// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.util.StringUtils;

/**
 * The keys under {@code ecs-secrets}.
 *
 * @param enabled Whether to resolve the declared secrets.
 * @param secrets Declared secrets, as in a container definition. Each has a name and a
 * value-from, and can be marked as optional.
 * @param taskDefinition Path of a JSON task definition whose secrets are declared too, or
 * a location with a prefix such as "classpath:".
 * @param taskDefinitionPlaceholders Whether to replace placeholders such as ${NAME} in
 * the task definition. ECS itself does not replace them.
 * @param containerName Name of the container in the task definition. By default, the only
 * container that has secrets.
 * @param store Store of the secrets that are not injected.
 * @param file Local file with secrets.
 * @param aws Access to AWS.
 * @param timeout Maximum time for fetching all secrets. If a duration suffix is not
 * specified, seconds will be used.
 * @param refresh Refresh of secrets in the running application.
 */
@ConfigurationProperties(SecretsProperties.PREFIX)
record SecretsProperties(@DefaultValue("true") boolean enabled, @DefaultValue List<Secret> secrets,
		@Nullable String taskDefinition, @DefaultValue("false") boolean taskDefinitionPlaceholders,
		@Nullable String containerName, @DefaultValue("aws") Store store, @DefaultValue File file,
		@DefaultValue Aws aws, @DefaultValue("60s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout,
		@DefaultValue Refresh refresh) {

	static final String PREFIX = "ecs-secrets";

	/**
	 * What no duration reaches: a {@code long} has nanoseconds for 292 years.
	 */
	private static final Duration TOO_LONG = Duration.ofDays(290 * 365);

	/**
	 * Maximum of all durations, so that sums of them do not overflow the clock.
	 */
	private static final Duration LONGEST = Duration.ofDays(36_500);

	SecretsProperties {
		timeout = atMostLongest(timeout);
		// An empty key in YAML is an empty string here.
		taskDefinition = StringUtils.hasText(taskDefinition) ? taskDefinition : null;
		containerName = StringUtils.hasText(containerName) ? containerName : null;
	}

	/**
	 * Checks a duration.
	 * @param key the key, for the message
	 * @throws IllegalArgumentException if the duration is too long
	 */
	static void check(String key, Duration duration) {
		if (duration.compareTo(TOO_LONG) >= 0) {
			throw new IllegalArgumentException(key + " must be less than 290 years");
		}
	}

	private static Duration atMostLongest(Duration duration) {
		return (duration.compareTo(LONGEST) < 0) ? duration : LONGEST;
	}

	/**
	 * A declared secret.
	 *
	 * @param name Name of the environment variable.
	 * @param valueFrom Name or ARN of a parameter, or ARN of a secret.
	 * @param optional Whether startup continues without the secret if it does not exist.
	 */
	record Secret(@Nullable String name, @Nullable String valueFrom, @DefaultValue("false") boolean optional) {

	}

	/**
	 * Where secrets are fetched from.
	 */
	enum Store {

		/**
		 * SSM Parameter Store and Secrets Manager.
		 */
		AWS,

		/**
		 * A local JSON file.
		 */
		FILE,

		/**
		 * Placeholders, for a start that only trains the JVM and ends when the
		 * application context is refreshed.
		 */
		PLACEHOLDER

	}

	/**
	 * Local file with secrets.
	 *
	 * @param location Path of a local JSON file with secrets, or a location with a prefix
	 * such as "classpath:".
	 */
	record File(@Nullable String location) {

		File {
			location = StringUtils.hasText(location) ? location : null;
		}

	}

	/**
	 * Access to AWS.
	 *
	 * @param region Region for parameters that are declared by name. By default, the
	 * region of the AWS SDK.
	 * @param endpoint Endpoint for both services, such as LocalStack. By default, the
	 * endpoints of the AWS SDK.
	 * @param profile AWS profile for credentials and region. By default, the profile of
	 * the AWS SDK.
	 */
	record Aws(@Nullable String region, @Nullable URI endpoint, @Nullable String profile) {

		Aws {
			region = StringUtils.hasText(region) ? region : null;
			profile = StringUtils.hasText(profile) ? profile : null;
		}

	}

	/**
	 * Refresh of secrets in the running application.
	 *
	 * @param interval Time between loads of all secrets. By default, secrets are loaded
	 * only at startup. If a duration suffix is not specified, seconds will be used.
	 * @param minInterval Minimum time between two loads, no matter what triggers them. If
	 * a duration suffix is not specified, seconds will be used.
	 * @param overrideInjected Whether to fetch injected secrets too, and to use the
	 * fetched values instead.
	 * @param refreshScope Whether to recreate Spring Cloud's @RefreshScope beans after a
	 * change.
	 * @param clients Whether clients, such as connection pools, use changed user names
	 * and passwords that come from secrets. By default, they do if an interval or pending
	 * is set.
	 * @param pending Whether a client whose password is refused tries the version that is
	 * staged AWSPENDING.
	 */
	record Refresh(@DurationUnit(ChronoUnit.SECONDS) @Nullable Duration interval,
			@DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration minInterval,
			@DefaultValue("false") boolean overrideInjected, @DefaultValue("false") boolean refreshScope,
			@Nullable Boolean clients, @DefaultValue("false") boolean pending) {

		Refresh {
			if (interval != null && (interval.isZero() || interval.isNegative())) {
				throw new IllegalArgumentException("interval must be positive; to disable refreshes, leave it out");
			}
			if (minInterval.isNegative()) {
				throw new IllegalArgumentException("min-interval must not be negative");
			}
			if (interval != null) {
				check("interval", interval);
			}
			check("min-interval", minInterval);
			interval = (interval != null) ? atMostLongest(interval) : null;
			minInterval = atMostLongest(minInterval);
		}

		boolean clientsFollow() {
			return (this.clients != null) ? this.clients : this.interval != null || this.pending;
		}

	}

}
