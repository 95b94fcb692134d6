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
 * @param secrets Declared secrets, as in a container definition. Each has a name, a
 * value-from, and may be optional.
 * @param taskDefinition JSON document of a task definition whose secrets are declared
 * too. A path, or a location with a prefix such as "classpath:".
 * @param taskDefinitionPlaceholders Whether to replace placeholders such as ${NAME} in
 * the task definition. ECS takes the text as it is.
 * @param containerName Name of the container in the task definition. By default the only
 * one that has secrets.
 * @param store Where to fetch the secrets that are not injected.
 * @param file The local file.
 * @param aws The access to AWS.
 * @param timeout Time that it may take to fetch all secrets. If a duration suffix is not
 * specified, seconds will be used.
 * @param refresh How changed values reach the running application.
 */
@ConfigurationProperties(SecretsProperties.PREFIX)
record SecretsProperties(@DefaultValue("true") boolean enabled, @DefaultValue List<Secret> secrets,
		@Nullable String taskDefinition, @DefaultValue("false") boolean taskDefinitionPlaceholders,
		@Nullable String containerName, @DefaultValue("aws") Store store, @DefaultValue File file,
		@DefaultValue Aws aws, @DefaultValue("60s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout,
		@DefaultValue Refresh refresh) {

	static final String PREFIX = "ecs-secrets";

	/**
	 * No duration is longer, so that those that are made of several are not too long for
	 * the clock.
	 */
	private static final Duration LONGEST = Duration.ofDays(36_500);

	SecretsProperties {
		timeout = atMostLongest(timeout);
		// An empty key in YAML is an empty string here.
		taskDefinition = StringUtils.hasText(taskDefinition) ? taskDefinition : null;
		containerName = StringUtils.hasText(containerName) ? containerName : null;
	}

	private static Duration atMostLongest(Duration duration) {
		return (duration.compareTo(LONGEST) < 0) ? duration : LONGEST;
	}

	/**
	 * A declared secret.
	 *
	 * @param name Name of the environment variable.
	 * @param valueFrom Where the value is.
	 * @param optional Whether to leave the secret out if it is not found.
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
		FILE

	}

	/**
	 * The local file.
	 *
	 * @param location Local JSON file with secrets. A path, or a location with a prefix
	 * such as "classpath:".
	 */
	record File(@Nullable String location) {

		File {
			location = StringUtils.hasText(location) ? location : null;
		}

	}

	/**
	 * The access to AWS.
	 *
	 * @param region Region of parameters that are declared by name. By default the AWS
	 * SDK's.
	 * @param endpoint Endpoint of both services, such as a LocalStack. By default the AWS
	 * SDK's.
	 * @param profile Profile for credentials and region. By default the AWS SDK's.
	 */
	record Aws(@Nullable String region, @Nullable URI endpoint, @Nullable String profile) {

		Aws {
			region = StringUtils.hasText(region) ? region : null;
			profile = StringUtils.hasText(profile) ? profile : null;
		}

	}

	/**
	 * How changed values reach the running application.
	 *
	 * @param interval Time from one load of all secrets to the next. By default they are
	 * loaded at the start only. If a duration suffix is not specified, seconds will be
	 * used.
	 * @param minInterval Least time between two loads, whatever asks for them. If a
	 * duration suffix is not specified, seconds will be used.
	 * @param overrideInjected Whether to fetch injected secrets too, and prefer what is
	 * fetched.
	 * @param refreshScope Whether a change makes the beans of Spring Cloud's refresh
	 * scope anew.
	 * @param pool Whether connection pools whose user or password are secrets follow
	 * them. By default they do where an interval is set.
	 */
	record Refresh(@DurationUnit(ChronoUnit.SECONDS) @Nullable Duration interval,
			@DefaultValue("5s") @DurationUnit(ChronoUnit.SECONDS) Duration minInterval,
			@DefaultValue("false") boolean overrideInjected, @DefaultValue("false") boolean refreshScope,
			@Nullable Boolean pool) {

		Refresh {
			if (interval != null && (interval.isZero() || interval.isNegative())) {
				throw new IllegalArgumentException("interval must be positive; leave it out for no refreshes");
			}
			if (minInterval.isNegative()) {
				throw new IllegalArgumentException("min-interval must not be negative");
			}
			interval = (interval != null) ? atMostLongest(interval) : null;
			minInterval = atMostLongest(minInterval);
		}

		boolean followsPools() {
			return (this.pool != null) ? this.pool : this.interval != null;
		}

	}

}
