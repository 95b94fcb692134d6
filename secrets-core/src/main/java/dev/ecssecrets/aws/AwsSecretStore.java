package dev.ecssecrets.aws;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.aws.Retries.Time;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * SSM Parameter Store and Secrets Manager, asked as the ECS agent asks them: parameters
 * in batches of ten per region, each version of a secret once, all calls at once. Region,
 * credentials, endpoints, proxies, FIPS and dual stack are the AWS SDK's own defaults
 * unless they are set here; the region of an ARN wins over any other. What is throttled
 * is tried until the time is over, one call at a time; what breaks, four times. Instances
 * are immutable; clients and threads live only as long as a fetch.
 */
public final class AwsSecretStore implements SecretStore {

	private static final int MAX_CALLS_AT_ONCE = 64;

	// A call has this long to end by itself, which ends its thread too.
	private static final Duration GRACE = Duration.ofMillis(500);

	private final AwsSettings settings;

	private final Time time;

	private AwsSecretStore(Builder builder) {
		this.settings = new AwsSettings(builder.options(), System.getenv(), System.getProperties());
		this.time = builder.time;
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
		if (locations.isEmpty()) {
			return new Response(Map.of());
		}
		try (Fetch fetch = new Fetch(locations.size(), timeout)) {
			return fetch.ask(locations);
		}
	}

	/**
	 * One fetch: its clients, its threads, and the credentials that all calls share.
	 */
	private final class Fetch implements AutoCloseable {

		private final Deadline deadline;

		private final ExecutorService executor;

		private final CompletableFuture<AwsCredentials> credentials;

		private final AnswerReader answers;

		private final DirectClient direct;

		private @Nullable SdkClients sdk;

		private final Map<String, Retries> retries = new ConcurrentHashMap<>();

		private final Map<AwsCall, Future<Map<SecretLocation, Answer>>> asked = new LinkedHashMap<>();

		private final Map<AwsCall, Long> started = new ConcurrentHashMap<>();

		private final Queue<Call> ended = new ConcurrentLinkedQueue<>();

		Fetch(int locations, Duration timeout) {
			this.deadline = Deadline.after(timeout);
			// Two more for the credentials and the region.
			this.executor = Executors.newFixedThreadPool(Math.min(locations, MAX_CALLS_AT_ONCE) + 2, Fetch::daemon);
			this.credentials = CompletableFuture.supplyAsync(AwsSecretStore.this.settings::resolveCredentials,
					this.executor);
			this.answers = new AnswerReader(this.credentials::join);
			this.direct = new DirectClient(this.credentials::join, this.answers);
		}

		private static Thread daemon(Runnable task) {
			Thread thread = new Thread(task, "ecs-secrets-fetch");
			thread.setDaemon(true);
			return thread;
		}

		/**
		 * Asks locations, and those without a region once it is found.
		 */
		Response ask(Set<SecretLocation> locations) {
			String known = AwsSecretStore.this.settings.region();
			List<SecretLocation> regional = new ArrayList<>();
			List<SecretLocation> others = new ArrayList<>();
			locations
				.forEach((location) -> ((known != null || location.arn() != null) ? regional : others).add(location));
			Map<SecretLocation, Answer> answers = new HashMap<>();
			Future<String> region = others.isEmpty() ? null
					: this.executor.submit(AwsSecretStore.this.settings::findRegion);
			submit(regional, known);
			if (region != null) {
				Failed failed = submitWhenFound(others, region);
				if (failed != null) {
					others.forEach((location) -> answers.put(location, failed));
				}
			}
			this.asked.forEach((call, future) -> answers.putAll(await(call, future)));
			this.started.keySet().forEach((call) -> end(call, Reason.TIMED_OUT));
			return new Response(answers, List.copyOf(this.ended));
		}

		private void submit(List<SecretLocation> locations, @Nullable String defaultRegion) {
			CallPlan.of(locations, defaultRegion)
				.forEach((call) -> this.asked.put(call, this.executor.submit(() -> ask(call))));
		}

		private @Nullable Failed submitWhenFound(List<SecretLocation> locations, Future<String> region) {
			try {
				submit(locations, region.get(this.deadline.nanosLeft(), TimeUnit.NANOSECONDS));
				return null;
			}
			catch (TimeoutException ex) {
				return AwsFailures.noRegion("the AWS SDK did not find one in time");
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return AwsFailures.noRegion("the thread was interrupted before the AWS SDK found one");
			}
			catch (ExecutionException ex) {
				return (ex.getCause() instanceof SdkClientException)
						? AwsFailures.noRegion("neither does the configuration of this process")
						: AwsFailures.misconfigured(ex.getCause());
			}
		}

		private Map<SecretLocation, Answer> await(AwsCall call, Future<Map<SecretLocation, Answer>> answers) {
			try {
				return answers.get(this.deadline.nanosLeft() + GRACE.toNanos(), TimeUnit.NANOSECONDS);
			}
			catch (TimeoutException ex) {
				return call.answerAll(
						this.credentials.isDone() ? AwsFailures.timedOut(call) : AwsFailures.noCredentialsInTime());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return call.answerAll(AwsFailures.interrupted(call));
			}
			catch (ExecutionException ex) {
				return call.answerAll(AwsFailures.unexpected(call, ex.getCause()));
			}
		}

		private Map<SecretLocation, Answer> ask(AwsCall call) throws InterruptedException {
			AwsApi api;
			try {
				api = api(call.service(), call.region());
			}
			catch (RuntimeException ex) {
				return call.answerAll(AwsFailures.misconfigured(ex));
			}
			try {
				this.credentials.get(this.deadline.nanosLeft(), TimeUnit.NANOSECONDS);
				this.started.put(call, System.nanoTime());
				Map<SecretLocation, Answer> answers = this.retries
					.computeIfAbsent(call.source(),
							(source) -> new Retries(AwsSecretStore.this.time, this.deadline.nanosLeft()))
					.ask(call, api);
				end(call, null);
				return answers;
			}
			catch (TimeoutException ex) {
				return call.answerAll(AwsFailures.noCredentialsInTime());
			}
			catch (ExecutionException ex) {
				return call.answerAll(AwsFailures.noCredentials(ex.getCause()));
			}
			catch (SdkException ex) {
				Failed failed = AwsFailures.of(call, ex);
				end(call, failed.reason());
				return isForOneOfMany(call, ex, failed) ? askOneByOne(call) : call.answerAll(failed);
			}
			finally {
				// Anything else is unexpected.
				end(call, Reason.REFUSED);
			}
		}

		/**
		 * Ends a call once, with the first that is known of its end.
		 */
		private void end(AwsCall call, @Nullable Reason failure) {
			Long start = this.started.remove(call);
			if (start != null) {
				this.ended.add(new Call(call.service().id, Duration.ofNanos(System.nanoTime() - start), failure));
			}
		}

		/**
		 * Returns whom to ask. What fails here is the configuration.
		 */
		private AwsApi api(AwsService service, String region) {
			URI endpoint = AwsSecretStore.this.settings.endpoints().direct(service, region);
			return (endpoint != null) ? this.direct.at(endpoint) : sdk().prepare(service, region);
		}

		private synchronized SdkClients sdk() {
			if (this.sdk == null) {
				this.sdk = new SdkClients(AwsSecretStore.this.settings, this.credentials::join, this.answers,
						Duration.ofMillis(Math.max(this.deadline.millisLeft(), 1)));
			}
			return this.sdk;
		}

		/**
		 * AWS answers a call for ten names with one error if one of them is denied or
		 * malformed.
		 */
		private static boolean isForOneOfMany(AwsCall call, SdkException ex, Failed failed) {
			return call.locations().size() > 1 && ex instanceof AwsServiceException answer
					&& answer.awsErrorDetails() != null && (failed.reason() == Reason.ACCESS_DENIED
							|| failed.reason() == Reason.KMS_DENIED || failed.reason() == Reason.REFUSED);
		}

		private Map<SecretLocation, Answer> askOneByOne(AwsCall call) throws InterruptedException {
			Map<SecretLocation, Answer> answers = new HashMap<>();
			for (AwsCall one : call.split()) {
				answers.putAll(ask(one));
			}
			return answers;
		}

		@Override
		public synchronized void close() {
			this.executor.shutdownNow();
			// Beside what still reads, which may hold what it takes to break a
			// connection.
			daemon(this.direct::close).start();
			if (this.sdk != null) {
				this.sdk.close();
			}
		}

	}

	/**
	 * Builds an {@link AwsSecretStore}. What is not set, or set to {@code null}, is left
	 * to the AWS SDK.
	 */
	public static final class Builder {

		private @Nullable String region;

		private @Nullable URI endpoint;

		private String endpointSetting = "AwsSecretStore.Builder.endpoint";

		private @Nullable String profile;

		private @Nullable AwsCredentialsProvider credentials;

		private Consumer<String> warnings = (warning) -> {
		};

		private Time time = Time.SYSTEM;

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
		 * Sets the endpoint of both services in all regions, which an application reads
		 * from its configuration.
		 * @param endpoint the endpoint
		 * @param setting the name of the setting in messages, such as a configuration key
		 * @return this builder
		 */
		public Builder endpoint(@Nullable URI endpoint, String setting) {
			this.endpointSetting = setting;
			return endpoint(endpoint);
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
		 * Sets who is told once of each setting that lets secrets go unencrypted over a
		 * network. By default nobody is.
		 * @param warnings takes sentences for a person to read, on the thread of a call
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
		 * @return the store; it makes no call before its first fetch
		 */
		public AwsSecretStore build() {
			return new AwsSecretStore(this);
		}

	}

}
