package dev.ecssecrets.boot;

import java.net.URI;
import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.StringUtils;

/**
 * The keys under {@code ecs-secrets}.
 *
 * @param enabled whether secrets are resolved
 * @param secrets the declared secrets, as in a container definition
 * @param store where secrets that are not injected are fetched from
 * @param file the local file
 * @param aws the access to AWS
 * @param timeout how long it may take to fetch all secrets
 */
@ConfigurationProperties(SecretsProperties.PREFIX)
record SecretsProperties(@DefaultValue("true") boolean enabled, @DefaultValue List<Secret> secrets,
		@DefaultValue("aws") Store store, @DefaultValue File file, @DefaultValue Aws aws,
		@DefaultValue("60s") Duration timeout) {

	static final String PREFIX = "ecs-secrets";

	static SecretsProperties get(Binder binder) {
		return binder.bindOrCreate(PREFIX, SecretsProperties.class);
	}

	/**
	 * A declared secret.
	 *
	 * @param name the name of the environment variable
	 * @param valueFrom where the value is
	 * @param optional whether the value may not exist
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
	 * @param location where the file is; a path, or a location with a prefix such as
	 * "classpath:"
	 */
	record File(@Nullable String location) {

		File {
			location = StringUtils.hasText(location) ? location : null;
		}

	}

	/**
	 * The access to AWS.
	 *
	 * @param region the region of parameters that are declared by name; default is the
	 * AWS SDK's
	 * @param endpoint the endpoint of both services, such as a LocalStack; default is the
	 * AWS SDK's
	 * @param profile the profile for credentials and region; default is the AWS SDK's
	 */
	record Aws(@Nullable String region, @Nullable URI endpoint, @Nullable String profile) {

		Aws {
			// An empty key in YAML is an empty string here.
			region = StringUtils.hasText(region) ? region : null;
			profile = StringUtils.hasText(profile) ? profile : null;
		}

	}

}
