package dev.ecssecrets.boot;

import java.net.URI;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
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
 * @param containerName Name of the container in the task definition. By default the only
 * one that has secrets.
 * @param store Where to fetch the secrets that are not injected.
 * @param file The local file.
 * @param aws The access to AWS.
 * @param timeout Time that it may take to fetch all secrets. If a duration suffix is not
 * specified, seconds will be used.
 */
@ConfigurationProperties(SecretsProperties.PREFIX)
record SecretsProperties(@DefaultValue("true") boolean enabled, @DefaultValue List<Secret> secrets,
		@Nullable String taskDefinition, @Nullable String containerName, @DefaultValue("aws") Store store,
		@DefaultValue File file, @DefaultValue Aws aws,
		@DefaultValue("60s") @DurationUnit(ChronoUnit.SECONDS) Duration timeout) {

	static final String PREFIX = "ecs-secrets";

	SecretsProperties {
		// An empty key in YAML is an empty string here.
		taskDefinition = StringUtils.hasText(taskDefinition) ? taskDefinition : null;
		containerName = StringUtils.hasText(containerName) ? containerName : null;
	}

	static SecretsProperties get(Binder binder) {
		return binder.bindOrCreate(PREFIX, SecretsProperties.class);
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

}
