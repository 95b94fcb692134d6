package dev.ecssecrets.aws;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * SSM Parameter Store and Secrets Manager, asked as the ECS agent asks them: parameters
 * in batches of ten per region, each version of a secret once, all calls at once. Region,
 * credentials, endpoints, proxies, FIPS and dual stack are the AWS SDK's own defaults
 * unless they are set here; the region of an ARN wins over any other.
 */
public final class AwsSecretStore implements SecretStore {

	private static final int MAX_CALLS_AT_ONCE = 64;

	// The SDK has this long to end a call by itself, which ends its thread too.
	private static final Duration GRACE = Duration.ofMillis(500);

	private final AwsClients clients;

	private AwsSecretStore(AwsClients clients) {
		this.clients = clients;
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
		List<SecretLocation> inRegions = new ArrayList<>(locations);
		String defaultRegion = null;
		if (locations.stream().anyMatch(AwsSecretStore::isInOwnRegion)) {
			defaultRegion = this.clients.defaultRegion();
			if (defaultRegion == null) {
				inRegions.removeIf(AwsSecretStore::isInOwnRegion);
				Failed noRegion = new Failed(Reason.NO_REGION,
						"the valueFrom names none, and neither does the configuration of this process");
				locations.stream()
					.filter(AwsSecretStore::isInOwnRegion)
					.forEach((location) -> answers.put(location, noRegion));
			}
		}
		List<AwsCall> calls = AwsCall.plan(inRegions, defaultRegion);
		answers.putAll(run(calls, deadline));
		return new Response(answers, calls.size());
	}

	private static boolean isInOwnRegion(SecretLocation location) {
		return location.arn() == null;
	}

	private Map<SecretLocation, Answer> run(List<AwsCall> calls, long deadline) {
		ExecutorService executor = Executors.newFixedThreadPool(Math.min(calls.size(), MAX_CALLS_AT_ONCE) + 1,
				AwsSecretStore::daemon);
		try {
			Future<?> credentials = executor.submit(this.clients::resolveCredentials);
			List<Callable<Map<SecretLocation, Answer>>> tasks = new ArrayList<>();
			calls.forEach((call) -> tasks.add(() -> ask(call, credentials, deadline)));
			Map<SecretLocation, Answer> answers = new HashMap<>();
			List<Future<Map<SecretLocation, Answer>>> asked = executor.invokeAll(tasks,
					remaining(deadline).plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
			for (int i = 0; i < calls.size(); i++) {
				AwsCall call = calls.get(i);
				answers.putAll(
						asked.get(i).isCancelled() ? call.answerAll(AwsFailures.timedOut(call)) : asked.get(i).get());
			}
			return answers;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			Map<SecretLocation, Answer> answers = new HashMap<>();
			calls.forEach((call) -> answers.putAll(call.answerAll(new Failed(Reason.TIMED_OUT, "interrupted"))));
			return answers;
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException("a call to AWS failed unexpectedly", ex.getCause());
		}
		finally {
			executor.shutdownNow();
		}
	}

	private Map<SecretLocation, Answer> ask(AwsCall call, Future<?> credentials, long deadline)
			throws InterruptedException {
		try {
			credentials.get();
		}
		catch (ExecutionException ex) {
			return call.answerAll(AwsFailures.noCredentials(ex.getCause()));
		}
		try {
			return call.ask(this.clients, remaining(deadline));
		}
		catch (SdkException ex) {
			return call.answerAll(AwsFailures.of(call, ex));
		}
	}

	// Positive: the SDK takes no other timeout.
	private static Duration remaining(long deadline) {
		return Duration.ofNanos(Math.max(deadline - System.nanoTime(), 1));
	}

	private static Thread daemon(Runnable task) {
		Thread thread = new Thread(task, "ecs-secrets-fetch");
		thread.setDaemon(true);
		return thread;
	}

	@Override
	public void close() {
		this.clients.close();
	}

	/**
	 * Builds an {@link AwsSecretStore}. What is not set, or set to {@code null}, is left
	 * to the AWS SDK.
	 */
	public static final class Builder {

		private @Nullable String region;

		private @Nullable URI endpoint;

		private @Nullable String profile;

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
		 * Builds the store.
		 * @return the store; it makes no call before its first fetch
		 */
		public AwsSecretStore build() {
			return new AwsSecretStore(new AwsClients(this.region, this.endpoint, this.profile));
		}

	}

}
