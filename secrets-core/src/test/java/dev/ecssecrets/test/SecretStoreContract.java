// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Contract of a {@link SecretStore}, as JUnit tests. Extend this class to test your own
 * store. It requires {@code junit-jupiter} and {@code assertj-core} on the class path.
 *
 * @since 0.1.0
 */
public abstract class SecretStoreContract {

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private static final String PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/";

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	/**
	 * Different for each test, as a test may find the values of others.
	 */
	private final String id = UUID.randomUUID().toString();

	/**
	 * Constructor for subclasses.
	 */
	protected SecretStoreContract() {
	}

	/**
	 * Returns the store.
	 * @return the store, the same one for all calls in a test
	 */
	protected abstract SecretStore store();

	/**
	 * Puts a value into the system behind the store, and replaces an earlier one.
	 * @param location the location, in one of the forms of {@link #valueFroms}
	 * @param value the value
	 * @throws Exception if the value cannot be put
	 */
	protected abstract void put(SecretLocation location, String value) throws Exception;

	/**
	 * Returns the forms of {@code valueFrom} that the store supports. By default, these
	 * are the name, the path and the ARNs of parameters, and the ARN of a secret.
	 * Override this method for a store that supports fewer.
	 * @param id the name of a parameter or a secret, or an element of its path
	 * @return the forms, at least one
	 */
	protected List<String> valueFroms(String id) {
		return List.of(id, "/" + id + "/path", PARAMETER + id, PARAMETER + id + "/path", SECRET + id);
	}

	@Test
	void fetchWhenLocationsAreEmptyAnswersNothing() {
		Response response = fetch(List.of());
		assertThat(response.answers()).isEmpty();
		assertThat(response.calls()).isEmpty();
	}

	@Test
	void fetchWhenPresentFindsEachValueByItsForm() throws Exception {
		Map<SecretLocation, String> values = new LinkedHashMap<>();
		for (SecretLocation location : locations(this.id)) {
			values.put(location,
					(location instanceof Parameter parameter) ? "parameter " + parameter.name() : "secret");
			put(location, values.get(location));
		}
		assertThat(values(fetch(values.keySet()))).isEqualTo(values);
	}

	@ParameterizedTest
	@ValueSource(strings = { " ", "  both ends  ", "two\nlines\r\n", "\ttab", "wasshoi \uD83C\uDFEE \u00fc\u00df",
			"${placeholder} #{expression}", "\\ \" ' < &", "1000000", "true", "null", "[]",
			"{\"a\": 1.0,\n \"a\" : 2}" })
	void fetchReturnsTextAsItIs(String text) throws Exception {
		Set<SecretLocation> locations = locations(this.id);
		for (SecretLocation location : locations) {
			put(location, text);
		}
		assertThat(values(fetch(locations)).values()).hasSameSizeAs(locations).containsOnly(text);
	}

	@Test
	void fetchWhenAbsentIsNotFoundAndTheOthersAreFound() throws Exception {
		Set<SecretLocation> present = locations(this.id);
		for (SecretLocation location : present) {
			put(location, "found");
		}
		Set<SecretLocation> absent = locations("absent-" + this.id);
		Set<SecretLocation> all = new LinkedHashSet<>(absent);
		all.addAll(present);
		Response response = fetch(all);
		assertThat(values(response)).containsOnlyKeys(present);
		assertThat(response.answers()).containsOnlyKeys(all);
		assertThat(absent).allSatisfy((location) -> assertThat(response.answers().get(location))
			.isInstanceOfSatisfying(Failed.class, (failed) -> assertThat(failed.reason()).isEqualTo(Reason.NOT_FOUND)));
	}

	@Test
	void fetchWhenLocationsAreManyAnswersAll() throws Exception {
		Map<SecretLocation, String> values = putMany();
		assertThat(values(fetch(values.keySet()))).isEqualTo(values);
	}

	@Test
	void fetchWhenRepeatedReadsAgain() throws Exception {
		SecretLocation location = locations(this.id).iterator().next();
		put(location, "first");
		assertThat(values(fetch(List.of(location)))).containsEntry(location, "first");
		put(location, "second");
		assertThat(values(fetch(List.of(location)))).containsEntry(location, "second");
	}

	@Test
	void fetchWhenCalledByManyThreadsAnswersEach() throws Exception {
		Map<SecretLocation, String> values = putMany();
		int threads = 4;
		CyclicBarrier start = new CyclicBarrier(threads);
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			List<Future<Response>> responses = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				responses.add(executor.submit(() -> {
					start.await();
					return fetch(values.keySet());
				}));
			}
			for (Future<Response> response : responses) {
				assertThat(values(response.get())).isEqualTo(values);
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * If it were not found, an optional secret would be left out.
	 */
	@Test
	void fetchWhenThereIsNoTimeAnswersAllAndNeverNotFound() throws Exception {
		Map<SecretLocation, String> values = putMany();
		assertThat(store().fetch(values.keySet(), Duration.ZERO).answers()).containsOnlyKeys(values.keySet())
			.allSatisfy((location, answer) -> {
				if (answer instanceof Failed failed) {
					assertThat(failed.reason()).isNotIn(Reason.NOT_FOUND, Reason.NO_SUCH_VERSION);
				}
			});
	}

	@Test
	void fetchWhenInterruptedAnswersAndLeavesTheThreadInterrupted() throws Exception {
		Map<SecretLocation, String> values = putMany();
		Thread.currentThread().interrupt();
		Response response = fetch(values.keySet());
		assertThat(Thread.interrupted()).isTrue();
		assertThat(response.answers()).containsOnlyKeys(values.keySet());
	}

	private Map<SecretLocation, String> putMany() throws Exception {
		Map<SecretLocation, String> values = new LinkedHashMap<>();
		for (int i = 0; i < 25; i++) {
			SecretLocation location = locations(this.id + "-" + i).iterator().next();
			values.put(location, "value " + i);
			put(location, "value " + i);
		}
		return values;
	}

	private Set<SecretLocation> locations(String id) {
		Set<SecretLocation> locations = new LinkedHashSet<>();
		valueFroms(id).forEach((valueFrom) -> locations.add(SecretReference.parse(valueFrom).location()));
		return locations;
	}

	private Response fetch(Collection<SecretLocation> locations) {
		return store().fetch(new LinkedHashSet<>(locations), TIMEOUT);
	}

	private static Map<SecretLocation, String> values(Response response) {
		Map<SecretLocation, String> values = new LinkedHashMap<>();
		response.answers().forEach((SecretLocation location, Answer answer) -> {
			if (answer instanceof Found found) {
				values.put(location, found.value().reveal());
			}
		});
		return values;
	}

}
