package dev.ecssecrets.boot;

import java.lang.reflect.Field;
import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.core.env.Environment;
import org.springframework.lang.Contract;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * The keys under {@code ecs-secrets}.
 *
 * @param enabled Whether to resolve the declared secrets.
 * @param secrets Declared secrets, as in a container definition. Each has a name, a
 * value-from, and may be optional.
 * @param taskDefinition JSON document of a task definition whose secrets are declared
 * too. A path, or a location with a prefix such as "classpath:".
 * @param containerName Name of the container in the task definition. By default the only
 * one that has secrets.
 * @param store Where to fetch the secrets that are not injected.
 * @param file The local file.
 * @param aws The access to AWS.
 * @param timeout Time that it may take to fetch all secrets. If a duration suffix is not
 * specified, seconds will be used.
 * @param refresh How changed values reach the running application.
 * @param actuator What endpoints and the health show.
 */
@ConfigurationProperties(SecretsProperties.PREFIX)
record SecretsProperties(@DefaultValue("true") boolean enabled, @DefaultValue List<Secret> secrets,
		@Nullable String taskDefinition, @Nullable String containerName, @DefaultValue("aws") Store store,
		@DefaultValue File file, @DefaultValue Aws aws,
		@DefaultValue("60s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout, @DefaultValue Refresh refresh,
		@DefaultValue Actuator actuator) {

	static final String PREFIX = "ecs-secrets";

	SecretsProperties {
		// An empty key in YAML is an empty string here.
		taskDefinition = StringUtils.hasText(taskDefinition) ? taskDefinition : null;
		containerName = StringUtils.hasText(containerName) ? containerName : null;
	}

	/**
	 * Binds key by key. A {@link Binder} binds the record as a whole to the same, but
	 * takes a multiple of the time for it in a JVM that has just started.
	 */
	static SecretsProperties get(Environment environment) {
		Binder binder = Binder.get(environment);
		List<Secret> secrets = new SecretListBinder(binder).bind(ConfigurationPropertySources.get(environment));
		return new SecretsProperties(get(binder, "enabled", Bindable.of(boolean.class), true), secrets,
				get(binder, "task-definition", Bindable.of(String.class), null),
				get(binder, "container-name", Bindable.of(String.class), null),
				get(binder, "store", Bindable.of(Store.class), Store.AWS),
				get(binder, "file", Bindable.of(File.class), new File(null)),
				get(binder, "aws", Bindable.of(Aws.class), new Aws(null, null, null)),
				get(binder, "timeout", timeoutWithUnit(), Duration.ofSeconds(60)), refresh(binder), actuator(binder));
	}

	static Actuator actuator(Binder binder) {
		return get(binder, "actuator", Bindable.of(Actuator.class), new Actuator(true, null));
	}

	static Refresh refresh(Binder binder) {
		return get(binder, "refresh", Bindable.of(Refresh.class),
				new Refresh(null, Duration.ofSeconds(5), false, false, null));
	}

	@Contract("_, _, _, !null -> !null")
	private static <T> @Nullable T get(Binder binder, String key, Bindable<T> target, @Nullable T defaultValue) {
		return binder.bind(PREFIX + "." + key, target).orElse(defaultValue);
	}

	private static Bindable<Duration> timeoutWithUnit() {
		Field component = Objects.requireNonNull(ReflectionUtils.findField(SecretsProperties.class, "timeout"));
		return Bindable.of(Duration.class).withAnnotations(component.getAnnotations());
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
		}

		/**
		 * Returns whether values may be loaded again, as far as the keys tell.
		 */
		boolean isExpected() {
			return this.interval != null || this.overrideInjected || followsPools();
		}

		boolean followsPools() {
			return (this.pool != null) ? this.pool : this.interval != null;
		}

	}

	/**
	 * What endpoints and the health show.
	 *
	 * @param mask Whether endpoints that show values mask declared secrets and whatever
	 * reaches one.
	 * @param maximumAge Age of a fetched value past which the health is out of service.
	 * By default no age is. If a duration suffix is not specified, seconds will be used.
	 */
	record Actuator(@DefaultValue("true") boolean mask,
			@DurationUnit(ChronoUnit.SECONDS) @Nullable Duration maximumAge) {

		Actuator {
			if (maximumAge != null && (maximumAge.isZero() || maximumAge.isNegative())) {
				throw new IllegalArgumentException("maximum-age must be positive; leave it out for none");
			}
		}

	}

}
