// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.aws.HostileAnswer.Kind;
import dev.ecssecrets.aws.Retries.Time;

/**
 * Program that fetches each {@link HostileAnswer} with the direct client and with the
 * SDK's clients. It prints the result for each location, and then the threads that are
 * left. It runs in a JVM of its own with little memory.
 */
final class HostileFetches {

	private static final Duration SHORT = Duration.ofSeconds(2);

	private static final Duration LONG = Duration.ofSeconds(60);

	private static final int SLOW_FETCHES_AT_ONCE = 8;

	// They are bound by the CPU; more at once would only take more memory.
	private static final int OTHER_FETCHES_AT_ONCE = 3;

	private static final int MAX_CALLS_AT_ONCE = 64;

	private HostileFetches() {
	}

	/**
	 * Runs all fetches.
	 * @param endpoints the endpoints
	 */
	public static void main(String[] endpoints) throws Exception {
		List<Fetch> fetches = new ArrayList<>();
		for (boolean bySdk : new boolean[] { false, true }) {
			if (bySdk) {
				// The default of the SDK, but any property forces the SDK's clients.
				System.setProperty("aws.useDualstackEndpoint", "false");
			}
			for (String endpoint : endpoints) {
				for (HostileAnswer answer : HostileAnswer.values()) {
					fetches.add(new Fetch(answer, bySdk, URI.create(endpoint), store(answer, endpoint)));
				}
			}
		}
		run(fetches.stream().filter(Fetch::isSlow).toList(), SLOW_FETCHES_AT_ONCE);
		run(fetches.stream().filter((fetch) -> !fetch.isSlow() && !fetch.isAlone()).toList(), OTHER_FETCHES_AT_ONCE);
		run(fetches.stream().filter(Fetch::isAlone).toList(), 1);
		printThreads();
	}

	private static AwsSecretStore store(HostileAnswer answer, String endpoint) {
		return AwsSecretStore.builder()
			.region("eu-west-1")
			.endpoint(URI.create(endpoint))
			.credentials(() -> new AwsCredentials(answer.name(), HostileAnswer.SECRET_ACCESS_KEY,
					HostileAnswer.SESSION_TOKEN, null))
			.time(new ShortPauses())
			.build();
	}

	private static void run(List<Fetch> fetches, int atOnce) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(atOnce);
		for (Future<?> fetch : fetches.stream().map(threads::submit).toList()) {
			fetch.get();
		}
		threads.shutdown();
	}

	private static void printThreads() throws InterruptedException {
		for (Thread thread : Thread.getAllStackTraces().keySet()) {
			if (thread.getName().startsWith("ecs-secrets") || thread.getName().startsWith("sdk-")) {
				thread.join(LONG.toMillis());
				if (thread.isAlive()) {
					print("thread", thread.getName());
				}
			}
		}
	}

	private static void print(String... fields) {
		System.out.println(Arrays.stream(fields)
			.map((field) -> URLEncoder.encode(field, StandardCharsets.UTF_8))
			.collect(Collectors.joining(" ")));
	}

	/**
	 * Returns the locations to fetch: eight parameters and secrets, or as many secrets as
	 * the maximum number of calls at once.
	 */
	static Set<SecretLocation> locations(HostileAnswer answer, String scheme) {
		int secrets = (answer.kind() == Kind.LARGE) ? 1 : 4;
		Set<SecretLocation> locations = new LinkedHashSet<>();
		locations.add(location("arn:aws:ssm:eu-west-1:123456789012:parameter/arn"));
		for (int i = locations.size(); i < 8 - secrets; i++) {
			locations.add(location("/app/" + i));
		}
		if (answer.isForAllCallsAtOnce() && scheme.equals("http")) {
			secrets = MAX_CALLS_AT_ONCE;
		}
		for (int i = 0; i < secrets; i++) {
			locations.add(location("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db" + i));
		}
		return locations;
	}

	private static SecretLocation location(String valueFrom) {
		return SecretReference.parse(valueFrom).location();
	}

	private record Fetch(HostileAnswer answer, boolean bySdk, URI endpoint, AwsSecretStore store) implements Runnable {

		@Override
		public void run() {
			this.store.fetch(locations(this.answer, this.endpoint.getScheme()), isSlow() ? SHORT : LONG)
				.answers()
				.forEach(this::printAnswer);
		}

		boolean isSlow() {
			return this.answer.kind() == Kind.SLOW;
		}

		boolean isAlone() {
			return this.answer.kind() == Kind.LARGE || this.answer.kind() == Kind.LARGE_HEADERS;
		}

		private void printAnswer(SecretLocation location, Answer answer) {
			Failed failed = (answer instanceof Failed it) ? it : null;
			print("answer", this.answer.name(), this.bySdk ? "sdk" : "direct", this.endpoint.getScheme(), location.id(),
					(failed != null) ? failed.reason().name() : "FOUND", (failed != null) ? failed.detail() : "");
		}

	}

	private static final class ShortPauses implements Time {

		@Override
		public long nanoTime() {
			return System.nanoTime();
		}

		@Override
		public void sleep(long nanos) throws InterruptedException {
			TimeUnit.NANOSECONDS.sleep(nanos / 20);
		}

	}

}
