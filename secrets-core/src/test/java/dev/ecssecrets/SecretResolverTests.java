// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link SecretResolver} and its report, {@link SecretResolutionException}.
 */
class SecretResolverTests {

	private static final String DB = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final List<SecretLocation> requested = new ArrayList<>();

	private final SecretResolver resolver = new SecretResolver(() -> this::fetch, Duration.ofSeconds(7));

	@Test
	void resolveWhenAllAreInjectedGetsNoStore() {
		SecretResolver resolver = new SecretResolver(() -> fail("called"), Duration.ofSeconds(7));
		SecretDeclaration declaration = new SecretDeclaration("A", "not : read");
		ResolvedSecrets resolved = resolver.resolve(List.of(declaration), Set.of("A")::contains);
		assertThat(resolved.injected()).containsExactly(declaration);
		assertThat(resolved.fetched()).isEmpty();
		assertThat(resolved.calls()).isZero();
	}

	@Test
	void resolveWhenSomeAreMissingFetchesOnlyThese() {
		this.store.put("b", "value");
		ResolvedSecrets resolved = this.resolver
			.resolve(List.of(new SecretDeclaration("A", "a"), new SecretDeclaration("B", "b")), Set.of("A")::contains);
		assertThat(values(resolved)).containsExactly(Map.entry("B", "value"));
		assertThat(this.requested).containsExactly(new Parameter("b", null));
	}

	@Test
	void resolveWhenJsonKeysShareSecretFetchesItOnce() {
		this.store.put(DB, "{\"user\":\"me\",\"port\":5432,\"big\":1000000}");
		ResolvedSecrets resolved = resolve(new SecretDeclaration("USER", DB + ":user::"),
				new SecretDeclaration("PORT", DB + ":port::"), new SecretDeclaration("BIG", DB + ":big::"),
				new SecretDeclaration("ALL", DB));
		assertThat(this.requested).hasSize(1);
		assertThat(values(resolved)).containsOnly(Map.entry("USER", "me"), Map.entry("PORT", "5432"),
				Map.entry("BIG", "1e+06"), Map.entry("ALL", "{\"user\":\"me\",\"port\":5432,\"big\":1000000}"));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
			"1000000"     | 1000000           |
			5432          | 5432              |
			1000000       | 1e+06             | number
			1.50          | 1.5               | number
			true          | true              |
			null          | <nil>             | null
			{"canary": 1} | map[canary:1]     | object
			[]            | []                |
			["canary"]    | [canary]          | array
			""")
	void resolveWhenEcsPrintsJsonInOtherFormWarnsOfTypeWithoutValue(String json, String value, String type) {
		this.store.put(DB, "{\"key\": " + json + "}");
		assertThat(resolve(new SecretDeclaration("A", DB + ":key::")).fetched()).singleElement().satisfies((secret) -> {
			assertThat(secret.value().reveal()).isEqualTo(value);
			assertThat(secret.warning()).isEqualTo((type != null)
					? "is a JSON " + type + ", which ECS prints in its own format: store it as a JSON string" : null);
		});
	}

	@Test
	void resolveWhenStoreWarnsOfJsonSecretKeepsItsWarningForEachKey() {
		Found found = new Found(SecretValue.of("{\"user\":\"me\",\"big\":1000000}"),
				new SecretSource("test", null, List.of(), Instant.now()), "is old");
		SecretStore warning = (locations, timeout) -> new Response(Map.of(SecretReference.parse(DB).location(), found));
		List<SecretDeclaration> declarations = List.of(new SecretDeclaration("USER", DB + ":user::"),
				new SecretDeclaration("BIG", DB + ":big::"));
		assertThat(new SecretResolver(() -> warning, Duration.ofSeconds(7)).resolve(declarations, (name) -> false)
			.fetched()).extracting(Fetched::warning)
			.containsExactly("is old",
					"is old; is a JSON number, which ECS prints in its own format: store it as a JSON string");
	}

	@Test
	void resolveWhenOptionalIsNotFoundLeavesItOut() {
		SecretDeclaration optional = new SecretDeclaration("A", "a", true, null);
		ResolvedSecrets resolved = resolve(optional);
		assertThat(resolved.fetched()).isEmpty();
		assertThat(resolved.absent()).containsExactly(optional);
	}

	@Test
	void resolveWhenOptionalFailsOtherwiseThrows() {
		this.store.fail("a", Reason.ACCESS_DENIED);
		this.store.put(DB, "{}");
		assertThat(failures(new SecretDeclaration("A", "a", true, null),
				new SecretDeclaration("B", DB + ":key::", true, null), new SecretDeclaration("C", "c:3", true, null)))
			.extracting(SecretFailure::reason)
			.containsExactly(Reason.ACCESS_DENIED, Reason.NO_SUCH_JSON_KEY, Reason.INVALID_REFERENCE);
	}

	@Test
	void resolveWhenSomeFailThrowsAllInOrderOfDeclaration() {
		this.store.put("good", "value");
		this.store.put(DB, "plain text");
		assertThat(failures(new SecretDeclaration("MISSING", "missing"), new SecretDeclaration("BAD", "bad:3"),
				new SecretDeclaration("GOOD", "good"), new SecretDeclaration("", "good"),
				new SecretDeclaration("EMPTY", ""), new SecretDeclaration("KEY", DB + ":key::")))
			.extracting(SecretFailure::subject, SecretFailure::reason)
			.containsExactly(tuple("MISSING", Reason.NOT_FOUND), tuple("BAD", Reason.INVALID_REFERENCE),
					tuple("", Reason.INVALID_DECLARATION), tuple("EMPTY", Reason.INVALID_DECLARATION),
					tuple("KEY", Reason.NOT_A_JSON_OBJECT));
		assertThat(this.requested).contains(new Parameter("good", null));
	}

	@Test
	void resolveWhenNameIsDeclaredTwiceWithOneValueFromIsOneDeclaration() {
		this.store.put("a", "value");
		assertThat(values(resolve(new SecretDeclaration("A", "a"), new SecretDeclaration("A", "a"))))
			.containsExactly(Map.entry("A", "value"));
	}

	@Test
	void resolveWhenNameIsDeclaredTwiceWithTwoValueFromsReportsBoth() {
		this.store.put("a", "value");
		assertThat(failures(new SecretDeclaration("A", "a", false, "one.yml:1"), new SecretDeclaration("A", "b")))
			.singleElement()
			.satisfies((failure) -> {
				assertThat(failure.declaration().valueFrom()).isEqualTo("b");
				assertThat(failure.detail()).contains("'a' at one.yml:1");
			});
	}

	@Test
	void resolveWhenJsonKeyIsMissingListsKeysCutShortAndNoValue() {
		String members = IntStream.range(0, 30)
			.mapToObj((i) -> "\"" + "k".repeat(100) + i + "\":\"canary\"")
			.collect(Collectors.joining(","));
		this.store.put(DB, "{" + members + "}");
		assertThat(failures(new SecretDeclaration("A", DB + ":other::"))).singleElement().satisfies((failure) -> {
			assertThat(failure.detail()).startsWith("the secret has the keys [" + "k".repeat(61) + "..., ")
				.endsWith("...")
				.hasSize(500)
				.doesNotContain("canary");
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			19 | , k18]
			20 | , k19]
			21 | , k19, ...]
			""")
	void resolveWhenJsonKeyIsMissingListsTwentyKeys(int keys, String end) {
		this.store.put(DB,
				IntStream.range(0, keys)
					.mapToObj((i) -> "\"k" + i + "\":\"canary\"")
					.collect(Collectors.joining(",", "{", "}")));
		assertThat(failures(new SecretDeclaration("A", DB + ":other::"))).singleElement()
			.satisfies((failure) -> assertThat(failure.detail()).startsWith("the secret has the keys [k0, ")
				.endsWith(end)
				.hasSizeLessThan(500));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
			<key>     | the key in the valueFrom has the placeholder <key>
			^ key ^   | the key in the valueFrom begins and ends with white space
			"key"     | the key in the valueFrom begins and ends with a quotation mark
			key\u00a0 | the key in the valueFrom contains a no-break space (U+00A0) at the end
			""")
	void resolveWhenJsonKeyIsMissingAndUnusualReportsItsProblem(String key, String problem) {
		this.store.put(DB, "{\"key\":\"canary\"}");
		assertThat(failures(new SecretDeclaration("A", DB + ":" + key + "::"))).singleElement()
			.satisfies(
					(failure) -> assertThat(failure.detail()).isEqualTo(problem + "; the secret has the keys [key]"));
	}

	@Test
	void resolveWhenManyKeysOfOneSecretAreDeclaredParsesItOnce() {
		int keys = 1000;
		this.store.put(DB,
				IntStream.range(0, keys)
					.mapToObj((i) -> "\"key" + i + "\":\"" + "x".repeat(60) + "\"")
					.collect(Collectors.joining(",", "{", "}")));
		SecretDeclaration[] declarations = IntStream.range(0, keys)
			.mapToObj((i) -> new SecretDeclaration("KEY" + i, DB + ":key" + i + "::"))
			.toArray(SecretDeclaration[]::new);
		long before = allocatedBytes();
		assertThat(resolve(declarations).fetched()).hasSize(keys);
		// Parsing it again for each key would allocate its length each time.
		assertThat(allocatedBytes() - before).isLessThan(50_000_000);
	}

	@ParameterizedTest
	@MethodSource("throwables")
	void resolveWhenStoreThrowsFailsWithClassAndPlaceOnly(Throwable thrown) {
		SecretStore throwing = (locations, timeout) -> {
			throw SecretResolverTests.<RuntimeException>sneaky(thrown);
		};
		assertThat(failuresOf(throwing)).singleElement().satisfies((failure) -> {
			assertThat(failure.reason()).isEqualTo(Reason.REFUSED);
			assertThat(failure.detail()).startsWith("the store threw " + thrown.getClass().getName() + " at "
					+ SecretResolverTests.class.getName() + ".throwables(SecretResolverTests.java:");
			assertThat(failure.detail()).doesNotContain("canary");
		});
		assertThat(Thread.interrupted()).isEqualTo(thrown instanceof InterruptedException);
	}

	static Stream<Throwable> throwables() {
		return Stream.of(new IllegalStateException("canary"), new IOException("canary"),
				new StackOverflowError("canary"), new InterruptedException("canary"), new Throwable("canary"));
	}

	@Test
	void resolveWhenStoreLacksClassNamesTheClass() {
		SecretStore broken = (locations, timeout) -> {
			throw new NoClassDefFoundError("com/acme/Vault");
		};
		assertThat(failuresOf(broken)).singleElement()
			.satisfies((failure) -> assertThat(failure.detail())
				.startsWith("the store threw java.lang.NoClassDefFoundError (com/acme/Vault) at "));
	}

	@Test
	void resolveWhenStoreLacksClassOfTheSdkReportsTheSdk() {
		SecretStore broken = (locations, timeout) -> {
			throw new NoClassDefFoundError("software/amazon/awssdk/services/ssm/SsmClient");
		};
		assertThat(failuresOf(broken)).singleElement().satisfies((failure) -> {
			assertThat(failure.reason()).isEqualTo(Reason.NO_SDK);
			assertThat(failure.detail())
				.isEqualTo("not on the class path: software/amazon/awssdk/services/ssm/SsmClient");
		});
	}

	@Test
	void resolveWhenStoreReturnsNullFails() {
		assertThat(failuresOf((locations, timeout) -> null)).singleElement()
			.satisfies((failure) -> assertThat(failure.reason()).isEqualTo(Reason.REFUSED));
	}

	@Test
	void resolveWhenValueFromHadPlaceholderShowsOnlyThePlaceholder() {
		SecretDeclaration declaration = new SecretDeclaration("A", "hunter2", false, null, "${DB_PASSWORD}");
		this.store.put("/hunter2", "x");
		assertThat(failures(declaration)).singleElement()
			.satisfies((failure) -> assertThat(failure.detail())
				.isEqualTo("${DB_PASSWORD} is not in memory, but there is one with a leading slash"));
		for (Reason reason : Reason.values()) {
			this.store.fail("hunter2", reason);
			SecretResolutionException exception = catchThrowableOfType(SecretResolutionException.class,
					() -> resolve(declaration));
			assertThat(exception).message().contains("${DB_PASSWORD}").doesNotContain("hunter2");
			assertThat(exception.failures()).asString().doesNotContain("hunter2");
		}
	}

	@Test
	void resolveWhenManyFailKeepsOrderOfDeclaration() {
		List<SecretDeclaration> declarations = IntStream.range(0, 3000)
			.mapToObj((i) -> new SecretDeclaration("A" + i, (i % 2 == 0) ? "/a/" + i : "bad:" + i + ":"))
			.toList();
		assertThat(failures(declarations.toArray(SecretDeclaration[]::new))).extracting(SecretFailure::declaration)
			.isEqualTo(declarations);
	}

	@Test
	void resolveWhenValueHasNulFails() {
		this.store.put("a", "can\0ary");
		this.store.put(DB, "{\"key\":\"can\\u0000ary\",\"other\":\"fine\"}");
		assertThat(failures(new SecretDeclaration("A", "a"), new SecretDeclaration("B", DB + ":key::"),
				new SecretDeclaration("C", DB + ":other::")))
			.allSatisfy((failure) -> assertThat(failure.reason()).isEqualTo(Reason.INVALID_VALUE))
			.extracting(SecretFailure::subject)
			.containsExactly("A", "B");
	}

	@Test
	void resolveWhenStoreGivesNoAnswerFails() {
		SecretResolver resolver = new SecretResolver(() -> (locations, timeout) -> new Response(Map.of()),
				Duration.ofSeconds(7));
		assertThat(catchThrowableOfType(SecretResolutionException.class,
				() -> resolver.resolve(List.of(new SecretDeclaration("A", "a")), (name) -> false))
			.failures()).extracting(SecretFailure::reason).containsExactly(Reason.REFUSED);
	}

	@ParameterizedTest
	@CsvSource({ "word, /word", "/word, word" })
	void resolveWhenLeadingSlashMakesTheDifferenceReportsOtherName(String declared, String there) {
		this.store.put(there, "canary");
		assertThat(failures(new SecretDeclaration("A", declared), new SecretDeclaration("B", "other")))
			.satisfiesExactly(
					(failure) -> assertThat(failure.detail())
						.isEqualTo(declared + " is not in memory, but there is one named '" + there + "'"),
					(failure) -> assertThat(failure.detail())
						.isEqualTo("other is not in memory. To refer to a secret in Secrets Manager, use its ARN: a"
								+ " plain name refers to a parameter"));
		assertThat(this.store.fetches()).isEqualTo(2);
	}

	@Test
	void resolveWhenStoreSuggestsAnotherNameAddsNoHint() {
		assertThat(failuresOf(notFound("a is not there. Did you mean b?"))).singleElement()
			.satisfies((failure) -> assertThat(failure.detail()).isEqualTo("a is not there. Did you mean b?"));
		assertThat(failuresOf(notFound("a is not there"))).singleElement()
			.satisfies((failure) -> assertThat(failure.detail()).startsWith("a is not there. To refer to a secret"));
	}

	@Test
	void resolveWhenTheTimeIsOverTriesNoOtherName() {
		List<Duration> timeouts = new ArrayList<>();
		SecretStore store = (locations, timeout) -> {
			timeouts.add(timeout);
			return notFound("a is not there").fetch(locations, timeout);
		};
		SecretResolver resolver = new SecretResolver(() -> store, Duration.ofNanos(1));
		assertThatExceptionOfType(SecretResolutionException.class)
			.isThrownBy(() -> resolver.resolve(List.of(new SecretDeclaration("A", "a")), (name) -> false));
		assertThat(timeouts).hasSize(1);
	}

	@Test
	void resolveWhenOnlyOptionalOrPathsAreNotFoundTriesNoOtherName() {
		resolve(new SecretDeclaration("A", "word", true, null));
		failures(new SecretDeclaration("A", "/app/word"), new SecretDeclaration("B", DB));
		assertThat(this.store.fetches()).isEqualTo(2);
	}

	@Test
	void asMapHasFetchedValuesByNameInOrderOfDeclaration() {
		this.store.put("b", "first").put("a", "second");
		ResolvedSecrets resolved = this.resolver.resolve(
				List.of(new SecretDeclaration("B", "b"), new SecretDeclaration("INJECTED", "c"),
						new SecretDeclaration("ABSENT", "d", true, null), new SecretDeclaration("A", "a")),
				"INJECTED"::equals);
		assertThat(resolved.asMap().keySet()).containsExactly("B", "A");
		assertThat(resolved.asMap().get("A").reveal()).isEqualTo("second");
		assertThat(resolved.asMap()).isUnmodifiable();
	}

	@Test
	void toStringHasNoValue() {
		this.store.put("a", "canary");
		ResolvedSecrets resolved = resolve(new SecretDeclaration("A", "a"));
		assertThat(resolved.toString()).contains("A from 'a'").doesNotContain("canary");
	}

	private Response fetch(Set<SecretLocation> locations, Duration timeout) {
		assertThat(timeout).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(7));
		this.requested.addAll(locations);
		return this.store.fetch(locations, timeout);
	}

	private ResolvedSecrets resolve(SecretDeclaration... declarations) {
		return this.resolver.resolve(List.of(declarations), (name) -> false);
	}

	private List<SecretFailure> failures(SecretDeclaration... declarations) {
		return catchThrowableOfType(SecretResolutionException.class, () -> resolve(declarations)).failures();
	}

	private static List<SecretFailure> failuresOf(SecretStore store) {
		SecretResolver resolver = new SecretResolver(() -> store, Duration.ofSeconds(7));
		return catchThrowableOfType(SecretResolutionException.class,
				() -> resolver.resolve(List.of(new SecretDeclaration("A", "a")), (name) -> false))
			.failures();
	}

	private static SecretStore notFound(String detail) {
		return (locations, timeout) -> new Response(locations.stream()
			.collect(Collectors.toMap((location) -> location, (location) -> new Failed(Reason.NOT_FOUND, detail))));
	}

	/**
	 * Throws any exception as unchecked, like Kotlin.
	 */
	@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
	private static <T extends Throwable> T sneaky(Throwable thrown) throws T {
		throw (T) thrown;
	}

	private static long allocatedBytes() {
		return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
			.getThreadAllocatedBytes(Thread.currentThread().getId());
	}

	private static Map<String, String> values(ResolvedSecrets resolved) {
		return resolved.fetched()
			.stream()
			.collect(
					Collectors.toMap((fetched) -> fetched.declaration().name(), (fetched) -> fetched.value().reveal()));
	}

}
