// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.aws.Retries.Time;
import org.jspecify.annotations.Nullable;

/**
 * Store that fetches from SSM Parameter Store and Secrets Manager with the same calls as
 * the ECS agent: parameters in batches of ten per region, each version of a secret once,
 * and all calls at once.
 * <p>
 * Region, credentials, endpoints, proxies, FIPS and dual stack are the AWS SDK's defaults
 * unless they are set here. The region of an ARN takes precedence over any other. If the
 * variables of the environment or of a container have everything, the SDK is not used,
 * and need not be on the class path. Otherwise, secrets fail with
 * {@link dev.ecssecrets.SecretFailure.Reason#NO_SDK} if it is absent.
 * <p>
 * Throttled calls are retried until the time is over, one call at a time. Calls that fail
 * because of the network or the service are tried at most four times.
 * <p>
 * Clients and threads live only as long as a fetch. The exception is a credentials
 * provider, or a search for the region, that does not return: it keeps one thread, and
 * the next fetches of this store wait for it too, each within its own time.
 * <p>
 * Instances can be used by any number of threads.
 *
 * @since 0.1.0
 */
public final class AwsSecretStore implements SecretStore {

	private final AwsSettings settings;

	private final SharedCall<AwsCredentials> credentials;

	private final SharedCall<String> region;

	private final Time time;

	private AwsSecretStore(Builder builder) {
		this.settings = new AwsSettings(builder.options(), System.getenv(), System.getProperties());
		this.credentials = new SharedCall<>(this.settings::resolveCredentials);
		this.region = new SharedCall<>(this.settings::findRegion);
		this.time = builder.time;
	}

	/**
	 * Returns a new builder.
	 * @return a builder with the AWS SDK's defaults
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Loads the classes that a fetch uses, without a call. That is for a run in which the
	 * JVM makes an AOT cache or an archive of its classes: the first fetch of a process
	 * that starts with it finds them there. Classes that this JVM does not have are left
	 * out.
	 */
	public static void loadClasses() {
		FetchClasses.load();
	}

	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		if (locations.isEmpty()) {
			return new Response(Map.of());
		}
		try (AwsFetch fetch = new AwsFetch(this.settings, this.credentials, this.region, this.time, locations.size(),
				timeout)) {
			return fetch.fetch(locations);
		}
	}

	/**
	 * Builder of an {@link AwsSecretStore}. Options that are not set, or set to
	 * {@code null}, have the AWS SDK's defaults.
	 */
	public static final class Builder {

		private @Nullable String region;

		private @Nullable URI endpoint;

		private String endpointSetting = "AwsSecretStore.Builder.endpoint";

		private @Nullable String profile;

		private @Nullable Supplier<AwsCredentials> credentials;

		private Consumer<String> warnings = (warning) -> {
		};

		private Time time = Time.SYSTEM;

		private Builder() {
		}

		/**
		 * Sets the region of parameters that are declared by name.
		 * @param region the region, such as {@code eu-west-1}
		 * @return this builder
		 */
		public Builder region(@Nullable String region) {
			this.region = region;
			return this;
		}

		/**
		 * Sets the endpoint of both services in all regions, such as that of a
		 * LocalStack.
		 * @param endpoint the endpoint
		 * @return this builder
		 */
		public Builder endpoint(@Nullable URI endpoint) {
			this.endpoint = endpoint;
			return this;
		}

		/**
		 * Sets the endpoint of both services in all regions, if it comes from the
		 * configuration of an application.
		 * @param endpoint the endpoint
		 * @param setting the name of the setting for messages, such as a configuration
		 * key
		 * @return this builder
		 */
		public Builder endpoint(@Nullable URI endpoint, String setting) {
			this.endpointSetting = setting;
			return endpoint(endpoint);
		}

		/**
		 * Sets the profile for credentials and region.
		 * @param profile the name of a profile in the shared configuration files
		 * @return this builder
		 */
		public Builder profile(@Nullable String profile) {
			this.profile = profile;
			return this;
		}

		/**
		 * Sets the supplier of credentials, in place of the profile, the environment, the
		 * container and the AWS SDK's chain. Each fetch asks it once; simultaneous
		 * fetches may share an answer. For a provider of the SDK, pass
		 * {@code new SdkCredentials(provider)}.
		 * @param credentials the supplier, which is called on a thread of its own
		 * @return this builder
		 */
		public Builder credentials(@Nullable Supplier<AwsCredentials> credentials) {
			this.credentials = credentials;
			return this;
		}

		/**
		 * Sets the consumer of warnings about settings that send secrets in clear text
		 * over a network. It receives one warning per setting. By default, warnings are
		 * discarded.
		 * @param warnings receives sentences for a person to read, on the thread of a
		 * call
		 * @return this builder
		 */
		public Builder warnings(Consumer<String> warnings) {
			this.warnings = warnings;
			return this;
		}

		AwsOptions options() {
			return new AwsOptions(this.region, this.endpoint, this.endpointSetting, this.profile, this.credentials,
					this.warnings);
		}

		Builder time(Time time) {
			this.time = time;
			return this;
		}

		/**
		 * Builds the store.
		 * @return the store, which makes no calls before its first fetch
		 */
		public AwsSecretStore build() {
			return new AwsSecretStore(this);
		}

	}

}
