package dev.ecssecrets.aws;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;

import static java.util.function.Predicate.not;

/**
 * SSM Parameter Store and Secrets Manager, asked as the ECS agent asks them: parameters
 * in batches of ten per region, each version of a secret once, all calls at once. Region,
 * credentials, endpoints, proxies, FIPS and dual stack are the AWS SDK's own defaults
 * unless they are set here; the region of an ARN wins over any other. Instances are
 * immutable; clients and threads live only as long as a fetch.
 */
public final class AwsSecretStore implements SecretStore {

	private static final int MAX_CALLS_AT_ONCE = 64;

	// The SDK has this long to end a call by itself, which ends its thread too.
	private static final Duration GRACE = Duration.ofMillis(500);

	private final @Nullable String region;

	private final @Nullable URI endpoint;

	private final @Nullable String profile;

	private final @Nullable AwsCredentialsProvider credentials;

	private AwsSecretStore(Builder builder) {
		this.region = builder.region;
		this.endpoint = builder.endpoint;
		this.profile = builder.profile;
		this.credentials = builder.credentials;
	}

	/**
	 * Starts to build a store.
	 * @return a builder with the AWS SDK's defaults
	 */
	public static Builder builder() {
		return new Builder();
	}

	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		long deadline = System.nanoTime() + timeout.toNanos();
		Map<SecretLocation, Answer> answers = new HashMap<>();
		List<SecretLocation> known = new ArrayList<>(locations);
		String defaultRegion = locations.stream().allMatch(AwsSecretStore::namesRegion) ? null : defaultRegion();
		if (defaultRegion == null) {
			known.removeIf(not(AwsSecretStore::namesRegion));
			Failed noRegion = new Failed(Reason.NO_REGION,
					"the valueFrom names none, and neither does the configuration of this process");
			locations.stream().filter(not(AwsSecretStore::namesRegion)).forEach((it) -> answers.put(it, noRegion));
		}
		List<AwsCall> calls = AwsCall.plan(known, defaultRegion);
		if (calls.isEmpty()) {
			return new Response(answers, 0);
		}
		try (Fetch fetch = new Fetch(calls.size(), deadline)) {
			answers.putAll(fetch.ask(calls));
			return new Response(answers, fetch.calls.get());
		}
	}

	private static boolean namesRegion(SecretLocation location) {
		return location.arn() != null;
	}

	private @Nullable String defaultRegion() {
		if (this.region != null) {
			return this.region;
		}
		DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
		if (this.profile != null) {
			chain.profileName(this.profile);
		}
		try {
			return chain.build().getRegion().id();
		}
		catch (SdkClientException ex) {
			return null;
		}
	}

	private AwsCredentials resolveCredentials() {
		if (this.credentials != null) {
			return this.credentials.resolveCredentials();
		}
		if (this.profile != null) {
			// A profile that is asked for wins over credentials that happen to be there.
			try (ProfileCredentialsProvider provider = ProfileCredentialsProvider.create(this.profile)) {
				return provider.resolveCredentials();
			}
		}
		try (DefaultCredentialsProvider provider = DefaultCredentialsProvider.builder().build()) {
			return provider.resolveCredentials();
		}
	}

	/**
	 * One fetch: its clients, its threads, and the credentials that all calls share.
	 */
	private final class Fetch implements AutoCloseable {

		private final long deadline;

		private final ExecutorService executor;

		private final CompletableFuture<AwsCredentials> credentials;

		private final AwsClients clients;

		private final AtomicInteger calls = new AtomicInteger();

		Fetch(int calls, long deadline) {
			this.deadline = deadline;
			// One more for the credentials.
			this.executor = Executors.newFixedThreadPool(Math.min(calls, MAX_CALLS_AT_ONCE) + 1, Fetch::daemon);
			this.credentials = CompletableFuture.supplyAsync(AwsSecretStore.this::resolveCredentials, this.executor);
			this.clients = new AwsClients(AwsSecretStore.this.endpoint, AwsSecretStore.this.profile,
					this.credentials::join);
		}

		private static Thread daemon(Runnable task) {
			Thread thread = new Thread(task, "ecs-secrets-fetch");
			thread.setDaemon(true);
			return thread;
		}

		Map<SecretLocation, Answer> ask(List<AwsCall> calls) {
			List<Callable<Map<SecretLocation, Answer>>> tasks = new ArrayList<>();
			calls.forEach((call) -> tasks.add(() -> ask(call)));
			Map<SecretLocation, Answer> answers = new HashMap<>();
			try {
				List<Future<Map<SecretLocation, Answer>>> asked = this.executor.invokeAll(tasks,
						remaining().plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
				for (int i = 0; i < asked.size(); i++) {
					AwsCall call = calls.get(i);
					answers.putAll(asked.get(i).isCancelled() ? call.answerAll(AwsFailures.timedOut(call))
							: asked.get(i).get());
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				calls.forEach((call) -> answers.putAll(call.answerAll(AwsFailures.interrupted(call))));
			}
			catch (ExecutionException ex) {
				throw new IllegalStateException("A call to AWS ended unexpectedly", ex.getCause());
			}
			return answers;
		}

		private Map<SecretLocation, Answer> ask(AwsCall call) throws InterruptedException {
			try {
				this.credentials.get();
				this.calls.incrementAndGet();
				return call.ask(this.clients, remaining());
			}
			catch (ExecutionException ex) {
				return call.answerAll(AwsFailures.noCredentials(ex.getCause()));
			}
			catch (SdkException ex) {
				Failed failed = AwsFailures.of(call, ex);
				return isForOneOfMany(call, failed) ? askOneByOne(call) : call.answerAll(failed);
			}
		}

		/**
		 * AWS answers a call for ten names with one error if one of them is denied or
		 * malformed.
		 */
		private static boolean isForOneOfMany(AwsCall call, Failed failed) {
			return call.locations().size() > 1 && (failed.reason() == Reason.ACCESS_DENIED
					|| failed.reason() == Reason.KMS_DENIED || failed.reason() == Reason.REFUSED);
		}

		private Map<SecretLocation, Answer> askOneByOne(AwsCall call) throws InterruptedException {
			Map<SecretLocation, Answer> answers = new HashMap<>();
			for (AwsCall one : call.split()) {
				answers.putAll(ask(one));
			}
			return answers;
		}

		// Positive: the SDK takes no other timeout.
		private Duration remaining() {
			return Duration.ofMillis(Math.max(TimeUnit.NANOSECONDS.toMillis(this.deadline - System.nanoTime()), 1));
		}

		@Override
		public void close() {
			this.executor.shutdownNow();
			this.clients.close();
		}

	}

	/**
	 * Builds an {@link AwsSecretStore}. What is not set, or set to {@code null}, is left
	 * to the AWS SDK.
	 */
	public static final class Builder {

		private @Nullable String region;

		private @Nullable URI endpoint;

		private @Nullable String profile;

		private @Nullable AwsCredentialsProvider credentials;

		private Builder() {
		}

		/**
		 * Sets the region of parameters that are declared by their name.
		 * @param region the region, such as {@code eu-west-1}
		 * @return this builder
		 */
		public Builder region(@Nullable String region) {
			this.region = region;
			return this;
		}

		/**
		 * Sets the endpoint of both services in all regions, such as a LocalStack.
		 * @param endpoint the endpoint
		 * @return this builder
		 */
		public Builder endpoint(@Nullable URI endpoint) {
			this.endpoint = endpoint;
			return this;
		}

		/**
		 * Sets the profile that credentials and region are taken from.
		 * @param profile the name of a profile in the shared configuration files
		 * @return this builder
		 */
		public Builder profile(@Nullable String profile) {
			this.profile = profile;
			return this;
		}

		/**
		 * Sets where credentials are from, instead of the profile or the AWS SDK's chain.
		 * It is asked once for each fetch, and not closed.
		 * @param credentials the provider
		 * @return this builder
		 */
		public Builder credentialsProvider(@Nullable AwsCredentialsProvider credentials) {
			this.credentials = credentials;
			return this;
		}

		/**
		 * Builds the store.
		 * @return the store; it makes no call before its first fetch
		 */
		public AwsSecretStore build() {
			return new AwsSecretStore(this);
		}

	}

}
