// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.Map;

import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretValue;
import dev.ecssecrets.boot.SecretStatus.State;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link SecretsSnapshot}.
 */
class SecretsSnapshotTests {

	private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

	private static final SecretDeclaration WORD = new SecretDeclaration("WORD", "word");

	private static final SecretDeclaration TOKEN = new SecretDeclaration("TOKEN", "token");

	private static final SecretDeclaration PINNED = new SecretDeclaration("PINNED",
			"arn:aws:secretsmanager:eu-west-1:123456789012:secret:pinned:::8a9d2b84");

	private final SecretsSnapshot empty = SecretsSnapshot.of(configuration(WORD, TOKEN));

	@Test
	void ofWhenNothingIsLoadedHasDeclarationsAndNoValue() {
		assertThat(this.empty.number()).isZero();
		assertThat(this.empty.lastLoad()).isNull();
		assertThat(this.empty.secrets()).extracting(SecretStatus::declaration).containsExactly(WORD, TOKEN);
		assertThat(this.empty.secrets()).extracting(SecretStatus::state).containsOnly(State.ABSENT);
		assertThat(this.empty.value("WORD")).isNull();
		assertThat(this.empty.timeToNextLoad()).isZero();
	}

	@Test
	void nextHasStatesInTheOrderOfDeclarations() {
		SecretDeclaration injected = new SecretDeclaration("INJECTED", "injected");
		SecretDeclaration absent = new SecretDeclaration("ABSENT", "absent", true, null);
		SecretsSnapshot snapshot = NextSnapshot.of(this.empty, load(this.empty), configuration(absent, injected, WORD),
				new ResolvedSecrets(List.of(fetched(WORD, "one")), List.of(injected), List.of(absent), 1,
						Duration.ZERO),
				injected("INJECTED"), false, Set.of());
		assertThat(snapshot.secrets()).extracting(SecretStatus::state)
			.containsExactly(State.ABSENT, State.INJECTED, State.FETCHED);
		assertThat(snapshot.value("INJECTED").reveal()).isEqualTo("of the process environment");
		assertThat(snapshot.value("WORD").reveal()).isEqualTo("one");
		assertThat(snapshot.value("ABSENT")).isNull();
		assertThat(snapshot.changeableNames()).containsExactly("ABSENT", "WORD");
	}

	@Test
	void nextWhenInjectedSecretIsFetchedPrefersThat() {
		SecretsSnapshot snapshot = NextSnapshot.of(this.empty, load(this.empty), configuration(WORD),
				new ResolvedSecrets(List.of(fetched(WORD, "one")), List.of(), List.of(), 1, Duration.ZERO),
				injected("WORD"), true, Set.of());
		assertThat(snapshot.secrets()).extracting(SecretStatus::state).containsExactly(State.FETCHED);
		assertThat(snapshot.value("WORD").reveal()).isEqualTo("one");
	}

	@Test
	void nextSaysWhenValuesHaveChangedSinceTheStart() {
		SecretsSnapshot first = next(this.empty, fetched(WORD, "one"), fetched(TOKEN, "one"));
		assertThat(first.secrets()).extracting(SecretStatus::changed).containsOnlyNulls();
		SecretsSnapshot second = next(first, fetched(WORD, "two"), fetched(TOKEN, "one"));
		assertThat(second.secrets()).extracting(SecretStatus::changed).containsExactly(second.lastLoad().end(), null);
		assertThat(second.changesSince(first)).containsExactly("WORD");
		SecretsSnapshot third = next(second, fetched(WORD, "two"), fetched(TOKEN, "one"));
		assertThat(third.secrets()).extracting(SecretStatus::changed).containsExactly(second.lastLoad().end(), null);
		assertThat(third.changesSince(second)).isEmpty();
		assertThat(third.changesSince(first)).containsExactly("WORD").isUnmodifiable();
	}

	@Test
	void nextWhenNoValueHasChangedHasTheSameSource() {
		SecretsSnapshot first = next(this.empty, fetched(WORD, "one"));
		assertThat(next(first, fetched(WORD, "one")).hasSourceOf(first)).isTrue();
		assertThat(next(first, fetched(WORD, "two")).hasSourceOf(first)).isFalse();
		assertThat(first.failed(load(first)).hasSourceOf(first)).isTrue();
	}

	@Test
	void nextWhenPinnedVersionWasNotFetchedAgainKeepsIt() {
		SecretsSnapshot first = next(this.empty, fetched(PINNED, "one"), fetched(WORD, "one"));
		assertThat(first.keeps(PINNED)).isTrue();
		assertThat(first.keeps(WORD)).isFalse();
		assertThat(first.keeps(new SecretDeclaration("PINNED", PINNED.valueFrom().replace("8a9d", "9b0e")))).isFalse();
		SecretsSnapshot second = NextSnapshot.of(first, load(first), configuration(PINNED, WORD),
				new ResolvedSecrets(List.of(fetched(WORD, "two")), List.of(PINNED), List.of(), 1, Duration.ZERO),
				injected(), false, Set.of());
		assertThat(second.secrets()).extracting(SecretStatus::state).containsOnly(State.FETCHED);
		assertThat(second.secrets().get(0).source()).isEqualTo(first.secrets().get(0).source());
		assertThat(second.source().getProperty("PINNED")).isEqualTo("one");
		assertThat(second.changesSince(first)).containsExactly("WORD");
	}

	@Test
	void keepsWhenPinnedVersionWasNeverFetchedIsFalse() {
		assertThat(SecretsSnapshot.of(configuration(PINNED)).keeps(PINNED)).isFalse();
	}

	@Test
	void failedKeepsValuesAndTheLastFailure() {
		SecretsSnapshot first = next(this.empty, fetched(WORD, "one"));
		SecretFailure failure = new SecretFailure(WORD, Reason.THROTTLED, "again");
		SecretsSnapshot second = first.failed(load(first, failure));
		assertThat(second.number()).isEqualTo(2);
		assertThat(second.value("WORD")).isSameAs(first.value("WORD"));
		assertThat(second.secrets().get(0).source()).isEqualTo(first.secrets().get(0).source());
		assertThat(second.secrets().get(0).lastFailure().failure()).isEqualTo(failure);
		SecretsSnapshot third = next(second, fetched(WORD, "one"));
		assertThat(third.secrets().get(0).lastFailure()).isEqualTo(second.secrets().get(0).lastFailure());
	}

	@Test
	void nextWhenSecretIsNoLongerDeclaredForgetsIt() {
		SecretsSnapshot snapshot = next(this.empty, fetched(WORD, "one"), fetched(TOKEN, "one"));
		snapshot = next(snapshot, fetched(WORD, "one"), fetched(TOKEN, "two"));
		snapshot = snapshot.failed(load(snapshot, new SecretFailure(TOKEN, Reason.THROTTLED, "again")));
		SecretsSnapshot without = next(snapshot, fetched(WORD, "one"));
		assertThat(without.changesSince(snapshot)).containsExactly("TOKEN");
		assertThat(without.secrets()).extracting(SecretStatus::name).containsExactly("WORD");
		SecretsSnapshot again = next(without, fetched(WORD, "one"), fetched(TOKEN, "one"));
		assertThat(again.secrets()).extracting(SecretStatus::name).containsExactly("WORD", "TOKEN");
		assertThat(again.secrets().get(1).changed()).isEqualTo(again.lastLoad().end());
		assertThat(again.secrets().get(1).lastFailure()).isNull();
	}

	@Test
	void loadsAreTheLastSixteen() {
		SecretsSnapshot snapshot = this.empty;
		for (int i = 0; i < 1000; i++) {
			snapshot = snapshot.failed(load(snapshot));
		}
		assertThat(snapshot.loads()).extracting(Load::number).hasSize(16).startsWith(985L).endsWith(1000L);
		assertThat(snapshot.lastLoad().number()).isEqualTo(1000);
	}

	@Test
	void oldestIsTheOneFetchedFirst() {
		assertThat(oldest(fetched(WORD, NOON), fetched(TOKEN, NOON.minusSeconds(1)))).isEqualTo("TOKEN");
		assertThat(oldest(fetched(WORD, NOON), fetched(TOKEN, NOON.plusSeconds(1)))).isEqualTo("WORD");
	}

	@Test
	void oldestIsNoVersionThatNeverChanges() {
		assertThat(oldest(fetched(PINNED, NOON.minusSeconds(1)), fetched(WORD, NOON))).isEqualTo("WORD");
		assertThat(oldest(fetched(PINNED, NOON.minusSeconds(1)))).isNull();
	}

	@Test
	void oldestWhenAllIsInjectedIsNone() {
		SecretsSnapshot snapshot = NextSnapshot.of(this.empty, load(this.empty), configuration(WORD),
				new ResolvedSecrets(List.of(), List.of(WORD), List.of(), 0, Duration.ZERO), injected("WORD"), false,
				Set.of());
		assertThat(snapshot.oldest()).isNull();
	}

	@Test
	void isOfWhatIsDeclaredAndNotRejected() {
		SecretsSnapshot snapshot = next(this.empty, fetched(WORD, "one"), fetched(TOKEN, "one"));
		assertThat(snapshot.isOf(configuration(WORD, TOKEN))).isTrue();
		assertThat(snapshot.isOf(configuration(TOKEN, WORD))).isFalse();
		assertThat(snapshot.isOf(configuration(WORD))).isFalse();
		assertThat(snapshot.isOf(configuration(WORD, new SecretDeclaration("TOKEN", "other")))).isFalse();
		SecretFailure rejected = new SecretFailure(WORD, ConfigurationReason.UNKNOWN_KEY, "misspelt");
		assertThat(snapshot.isOf(new SecretsConfiguration(snapshot.properties(), List.of(WORD, TOKEN),
				List.of(rejected), List.of(), List.of())))
			.isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "THROTTLED, true", "UNREACHABLE, true", "TIMED_OUT, true", "REFUSED, true", "ACCESS_DENIED, true",
			"NO_CREDENTIALS, true", "NOT_FOUND, false", "NO_SUCH_VERSION, false", "NO_SUCH_JSON_KEY, false",
			"NOT_A_JSON_OBJECT, false", "INVALID_VALUE, false" })
	void standsInWhereTheStoreGaveNoAnswer(Reason reason, boolean standsIn) {
		InMemorySecretStore store = new InMemorySecretStore().put("word", "one").fail("token", reason);
		SecretResolutionException failure = catchThrowableOfType(SecretResolutionException.class,
				() -> new SecretResolver(() -> store, Duration.ofSeconds(1)).resolve(List.of(WORD, TOKEN),
						(name) -> false));
		assertThat(failure.failures()).extracting(SecretFailure::reason).containsExactly(reason);
		SecretsSnapshot snapshot = next(this.empty, fetched(WORD, "one"), fetched(TOKEN, "one"));
		assertThat(snapshot.standsInFor(failure, configuration(WORD, TOKEN))).isEqualTo(standsIn);
		assertThat(snapshot.standsInFor(failure, configuration(WORD))).isFalse();
		assertThat(this.empty.standsInFor(failure, configuration(WORD, TOKEN))).isFalse();
		assertThat(snapshot.standsInFor(new IllegalStateException(), configuration(WORD, TOKEN))).isFalse();
	}

	@Test
	void timeToNextLoadIsTheRestOfTheMinimumInterval() {
		SecretsSnapshot snapshot = next(this.empty, fetched(WORD, "one"));
		assertThat(snapshot.timeToNextLoad(NOON, System.nanoTime())).isPositive()
			.isLessThanOrEqualTo(Duration.ofHours(1));
		assertThat(snapshot.failed(load(snapshot)).timeToNextLoad(NOON, System.nanoTime())).isPositive();
	}

	@Test
	void timeToNextLoadWhenOneClockBeganAgainGoesByTheOther() {
		SecretsSnapshot snapshot = next(this.empty, fetched(WORD, "one"));
		Instant before = NOON.minus(Duration.ofDays(9));
		long nanoTimeBefore = System.nanoTime() - Duration.ofDays(9).toNanos();
		assertThat(snapshot.timeToNextLoad(before, nanoTimeBefore)).isEqualTo(Duration.ofHours(1));
		assertThat(snapshot.timeToNextLoad(before, System.nanoTime() + Duration.ofHours(1).toNanos())).isZero();
		assertThat(snapshot.timeToNextLoad(NOON.plus(Duration.ofHours(1)), nanoTimeBefore)).isZero();
		assertThat(snapshot.timeToNextLoad(NOON.plus(Duration.ofMinutes(59)), nanoTimeBefore))
			.isEqualTo(Duration.ofMinutes(1));
	}

	@Test
	void fetchedNamesInWhenValuesBeginAlikeFindsTheLongest() {
		SecretDeclaration longer = new SecretDeclaration("LONGER", "longer");
		SecretDeclaration same = new SecretDeclaration("SAME", "same");
		SecretsSnapshot snapshot = next(this.empty, fetched(WORD, "canary"), fetched(longer, "canary-2"),
				fetched(TOKEN, "other"), fetched(same, "other"));
		assertThat(snapshot.fetchedNamesIn("For input string: \"canary\"")).containsExactly("WORD");
		assertThat(snapshot.fetchedNamesIn("canary-2")).containsExactly("LONGER");
		assertThat(snapshot.fetchedNamesIn("canary-2 or canary")).containsExactly("LONGER", "WORD");
		assertThat(snapshot.fetchedNamesIn("other")).containsExactly("SAME", "TOKEN");
		assertThat(snapshot.fetchedNamesIn("none")).isEmpty();
	}

	@Test
	void maskLeavesValuesOfSevenCharacters() {
		SecretsSnapshot snapshot = next(this.empty, fetched(WORD, "canary-1"), fetched(TOKEN, "canary2"));
		assertThat(snapshot.mask("canary-1 canary2 other")).isEqualTo("****** canary2 other");
	}

	@Test
	void maskWhenOneValueContainsAnotherMasksTheLongerFirst() {
		assertThat(next(this.empty, fetched(WORD, "canary-1"), fetched(TOKEN, "canary-1-more")).mask("canary-1-more"))
			.isEqualTo("******");
		assertThat(next(this.empty, fetched(WORD, "canary-1-more"), fetched(TOKEN, "canary-1")).mask("canary-1-more"))
			.isEqualTo("******");
	}

	@Test
	void changeableNamesWhenInjectedSecretsAreOverriddenHaveThem() {
		SecretsConfiguration configuration = configuration(Map.of("ecs-secrets.refresh.override-injected", "true"),
				WORD);
		SecretsSnapshot empty = SecretsSnapshot.of(configuration);
		SecretsSnapshot snapshot = NextSnapshot.of(empty, load(empty), configuration,
				new ResolvedSecrets(List.of(), List.of(WORD), List.of(), 0, Duration.ZERO), injected("WORD"), false,
				Set.of());
		assertThat(snapshot.secrets()).extracting(SecretStatus::state).containsExactly(State.INJECTED);
		assertThat(snapshot.changeableNames()).containsExactly("WORD");
	}

	@Test
	void nextWhenOverridingPropertyIsOutOfSightKeepsItsValue() {
		PropertySource<?> above = new MapPropertySource("above", Map.of("WORD", "overriding"));
		ResolvedSecrets present = new ResolvedSecrets(List.of(), List.of(WORD), List.of(), 0, Duration.ZERO);
		SecretsSnapshot first = NextSnapshot.of(this.empty, load(this.empty), configuration(WORD), present,
				PresentValues.of(null, false, List.of(above)), false, Set.of());
		SecretsSnapshot second = NextSnapshot.of(first, load(first), configuration(WORD), present, injected(), false,
				Set.of());
		assertThat(List.of(first, second)).allSatisfy((snapshot) -> {
			assertThat(snapshot.secrets()).extracting(SecretStatus::state).containsExactly(State.OVERRIDDEN);
			assertThat(snapshot.value("WORD").reveal()).isEqualTo("overriding");
			assertThat(snapshot.source().getProperty("WORD")).isEqualTo("overriding");
		});
	}

	@Test
	void toStringHasNoValue() {
		assertThat(next(this.empty, fetched(WORD, "canary"))).hasToString("snapshot 1 of 1 secrets");
	}

	private static SecretsSnapshot next(SecretsSnapshot before, Fetched... fetched) {
		SecretDeclaration[] declared = Arrays.stream(fetched)
			.map(Fetched::declaration)
			.toArray(SecretDeclaration[]::new);
		return NextSnapshot.of(before, load(before), configuration(declared),
				new ResolvedSecrets(List.of(fetched), List.of(), List.of(), 1, Duration.ZERO), injected(), false,
				Set.of());
	}

	private static Load load(SecretsSnapshot before, SecretFailure... failures) {
		return new Load(before.number() + 1, true, false, NOON.plusSeconds(before.number()), Duration.ofSeconds(1),
				List.of(), failures.length == 0, List.of(failures));
	}

	private static SecretsConfiguration configuration(SecretDeclaration... declarations) {
		return configuration(Map.of("ecs-secrets.refresh.min-interval", "1h"), declarations);
	}

	private static SecretsConfiguration configuration(Map<String, Object> keys, SecretDeclaration... declarations) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(new MapPropertySource("keys", keys));
		return new SecretsConfiguration(SecretsPropertiesBinder.bind(environment).properties(), List.of(declarations),
				List.of(), List.of(), List.of());
	}

	private static PresentValues injected(String... names) {
		Map<String, Object> variables = new HashMap<>();
		for (String name : names) {
			variables.put(name, "of the process environment");
		}
		return PresentValues.of(new SystemEnvironmentPropertySource("systemEnvironment", variables), false, List.of());
	}

	private static Fetched fetched(SecretDeclaration declaration, String value) {
		return new Fetched(declaration, SecretValue.of(value), new SecretSource("test", null, List.of(), NOON), null);
	}

	private static Fetched fetched(SecretDeclaration declaration, Instant at) {
		return new Fetched(declaration, SecretValue.of("value"), new SecretSource("test", null, List.of(), at), null);
	}

	private String oldest(Fetched... fetched) {
		SecretStatus oldest = next(this.empty, fetched).oldest();
		return (oldest != null) ? oldest.name() : null;
	}

}
