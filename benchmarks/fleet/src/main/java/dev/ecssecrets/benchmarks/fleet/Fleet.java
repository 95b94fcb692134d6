// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.benchmarks.fleet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.aws.AwsSecretStore;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkServiceException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.GetParametersResponse;

/**
 * A part of a fleet: starts that share nothing but their JVM. For each line of a policy
 * and an endpoint it makes all of them at once, and prints a line for each.
 */
final class Fleet {

	private static final String REGION = "eu-west-1";

	private static final Duration TIMEOUT = Duration.ofSeconds(60);

	private static final int MAX_NAMES = 10;

	private static final List<String> NAMES = IntStream.range(0, 40)
		.mapToObj("/fleet/parameter-%02d"::formatted)
		.toList();

	private static final Map<SecretLocation, String> LOCATIONS = NAMES.stream()
		.collect(Collectors.toUnmodifiableMap((name) -> SecretReference.parse(name).location(), (name) -> name));

	private static final ExecutorService CALLS = Executors.newCachedThreadPool(Fleet::daemon);

	private Fleet() {
	}

	public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
		int count = Integer.parseInt(args[0]);
		ExecutorService starts = Executors.newFixedThreadPool(count, Fleet::daemon);
		BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = lines.readLine(); line != null; line = lines.readLine()) {
			String[] words = line.split(" ", 2);
			Callable<String> start = start(words[0], URI.create(words[1]));
			for (Future<String> result : starts.invokeAll(Collections.nCopies(count, start))) {
				System.out.println(result.get());
			}
		}
	}

	// So that a start that should not have failed ends the JVM.
	private static Thread daemon(Runnable task) {
		Thread thread = new Thread(task);
		thread.setDaemon(true);
		return thread;
	}

	private static Callable<String> start(String policy, URI endpoint) {
		long began = System.nanoTime();
		return () -> {
			boolean succeeded = switch (policy) {
				case "ours" -> fetch(endpoint);
				case "sdk" -> getParameters(endpoint);
				case "sdk-restarted" -> getParametersUntil(began + TIMEOUT.toNanos(), endpoint);
				default -> throw new IllegalArgumentException(policy);
			};
			return "%s %d".formatted(succeeded ? "succeeded" : "failed", (System.nanoTime() - began) / 1_000_000);
		};
	}

	private static boolean fetch(URI endpoint) {
		AwsSecretStore store = AwsSecretStore.builder().region(REGION).endpoint(endpoint).build();
		Map<String, String> values = new HashMap<>();
		for (var answer : store.fetch(LOCATIONS.keySet(), TIMEOUT).answers().entrySet()) {
			if (answer.getValue() instanceof Found found) {
				values.put(LOCATIONS.get(answer.getKey()), found.value().reveal());
			}
			else if (!isForWantOfCalls(answer.getValue())) {
				throw new IllegalStateException(answer.toString());
			}
		}
		return values.size() == NAMES.size() && checked(values);
	}

	private static boolean isForWantOfCalls(Answer answer) {
		return answer instanceof Failed failed
				&& (failed.reason() == Reason.THROTTLED || failed.reason() == Reason.TIMED_OUT);
	}

	/**
	 * Starts anew whenever a start has failed, as ECS does with a task.
	 */
	private static boolean getParametersUntil(long deadline, URI endpoint) throws InterruptedException {
		boolean succeeded = false;
		while (!succeeded && System.nanoTime() < deadline) {
			succeeded = getParameters(endpoint);
		}
		return succeeded && System.nanoTime() < deadline;
	}

	private static boolean getParameters(URI endpoint) throws InterruptedException {
		try (DefaultCredentialsProvider credentials = DefaultCredentialsProvider.builder().build();
				SsmClient client = SsmClient.builder()
					.region(Region.of(REGION))
					.endpointOverride(endpoint)
					.credentialsProvider(credentials)
					.overrideConfiguration((override) -> override.apiCallTimeout(TIMEOUT))
					.build()) {
			List<Callable<GetParametersResponse>> calls = new ArrayList<>();
			for (int i = 0; i < NAMES.size(); i += MAX_NAMES) {
				List<String> names = NAMES.subList(i, i + MAX_NAMES);
				calls.add(() -> client.getParameters((request) -> request.names(names).withDecryption(true)));
			}
			Map<String, String> values = new HashMap<>();
			for (Future<GetParametersResponse> call : CALLS.invokeAll(calls)) {
				call.get().parameters().forEach((parameter) -> values.put(parameter.name(), parameter.value()));
			}
			return checked(values);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof ApiCallTimeoutException
					|| (ex.getCause() instanceof SdkServiceException cause && cause.isThrottlingException())) {
				return false;
			}
			throw new IllegalStateException(ex);
		}
	}

	private static boolean checked(Map<String, String> values) {
		Map<String, String> expected = NAMES.stream().collect(Collectors.toMap((name) -> name, ParameterStore::value));
		if (!values.equals(expected)) {
			throw new IllegalStateException("These values are wrong: " + values);
		}
		return true;
	}

}
