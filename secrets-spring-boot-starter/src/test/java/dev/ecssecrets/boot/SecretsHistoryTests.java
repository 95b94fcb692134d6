package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretValue;
import dev.ecssecrets.boot.SecretsHistory.Load;
import dev.ecssecrets.boot.SecretsHistory.Secret;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link SecretsHistory} keeps, and what health and meters make of it.
 */
class SecretsHistoryTests {

	private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

	private static final SecretDeclaration WORD = new SecretDeclaration("WORD", "word");

	private static final SecretDeclaration TOKEN = new SecretDeclaration("TOKEN", "token");

	private static final SecretDeclaration PINNED = new SecretDeclaration("PINNED",
			"arn:aws:secretsmanager:eu-west-1:123456789012:secret:pinned:::8a9d2b84");

	private final SecretsHistory history = new SecretsHistory();

	@Test
	void oldestIsTheOneFetchedFirst() {
		succeed(fetched(WORD, NOON), fetched(TOKEN, NOON.minusSeconds(1)));
		assertThat(oldest()).isEqualTo("TOKEN");
		succeed(fetched(WORD, NOON), fetched(TOKEN, NOON.plusSeconds(1)));
		assertThat(oldest()).isEqualTo("WORD");
	}

	@Test
	void oldestIsNoVersionThatNeverChanges() {
		succeed(fetched(PINNED, NOON.minusSeconds(1)), fetched(WORD, NOON));
		assertThat(oldest()).isEqualTo("WORD");
		succeed(fetched(PINNED, NOON.minusSeconds(1)));
		assertThat(oldest()).isNull();
	}

	@Test
	void oldestWhenAllIsInjectedIsNone() {
		this.history.succeeded(load(true), List.of(WORD),
				new ResolvedSecrets(List.of(), List.of(WORD), List.of(), 0, Duration.ZERO));
		assertThat(oldest()).isNull();
		assertThat(this.history.secrets()).singleElement().matches(Secret::injected);
	}

	@Test
	void failedWhenThereAreValuesKeepsThem() {
		succeed(fetched(WORD, NOON));
		this.history.failed(load(false, new SecretFailure(WORD, Reason.THROTTLED, "again")));
		Secret secret = this.history.secrets().get(0);
		assertThat(secret.fetched(Instant.MAX)).isEqualTo(NOON);
		assertThat(secret.failure()).isNotNull();
		assertThat(secret.failure().failure().reason()).isEqualTo(Reason.THROTTLED);
		succeed(fetched(WORD, NOON.plusSeconds(1)));
		assertThat(this.history.secrets().get(0).failure()).isEqualTo(secret.failure());
	}

	@Test
	void succeededWhenSecretIsNoLongerDeclaredForgetsIt() {
		succeed(fetched(WORD, NOON), fetched(TOKEN, NOON));
		this.history.changed(List.of("TOKEN"));
		this.history.failed(load(false, new SecretFailure(TOKEN, Reason.THROTTLED, "again")));
		succeed(fetched(WORD, NOON));
		succeed(fetched(WORD, NOON), fetched(TOKEN, NOON));
		assertThat(this.history.secrets()).extracting((secret) -> secret.declaration().name())
			.containsExactly("WORD", "TOKEN");
		assertThat(this.history.secrets().get(1).changed()).isNull();
		assertThat(this.history.secrets().get(1).failure()).isNull();
	}

	@Test
	void listenWhenLateHearsTheFirstLoadsAndEachLaterOneOnce() {
		Load first = load(true);
		this.history.failed(first);
		List<Load> heard = new ArrayList<>();
		this.history.listen(heard::add);
		Load second = load(true);
		this.history.failed(second);
		assertThat(heard).containsExactly(first, second);
	}

	@Test
	void listenWhenVeryLateHearsNoMoreThanTheFirstLoads() {
		for (int i = 0; i < 1000; i++) {
			this.history.failed(load(false));
		}
		List<Load> heard = new ArrayList<>();
		this.history.listen(heard::add);
		assertThat(heard).hasSize(16);
	}

	@Test
	void listenerThatFailsKeepsNobodyFromTheLoad() {
		List<Load> heard = new ArrayList<>();
		this.history.failed(load(false));
		this.history.listen((load) -> {
			throw new IllegalArgumentException("as the test asked for");
		});
		this.history.listen(heard::add);
		succeed(fetched(WORD, NOON));
		assertThat(heard).hasSize(2);
		assertThat(oldest()).isEqualTo("WORD");
	}

	@Test
	void healthIsOutOfServiceOnlyPastTheMaximumAge() {
		succeed(fetched(WORD, NOON));
		Duration hour = Duration.ofHours(1);
		assertThat(health(hour, NOON.plus(hour)).getStatus()).isEqualTo(Status.UP);
		Health old = health(hour, NOON.plus(hour).plusNanos(1));
		assertThat(old.getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		assertThat(old.getDetails()).containsEntry("oldest", "WORD")
			.containsEntry("ageInSeconds", 3600L)
			.containsEntry("maximumAgeInSeconds", 3600L);
		assertThat(health(null, NOON.plus(Duration.ofDays(9))).getStatus()).isEqualTo(Status.UP);
	}

	@Test
	void healthWhenNothingIsFetchedIsUpWithoutAge() {
		Health health = health(Duration.ofNanos(1), NOON);
		assertThat(health.getStatus()).isEqualTo(Status.UP);
		assertThat(health.getDetails()).isEmpty();
	}

	@Test
	void metersWhenRegistryIsLateHaveWhatWasBefore() {
		this.history.failed(load(false, new SecretFailure(WORD, Reason.KMS_DENIED, "no")));
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		new SecretsMetrics(this.history).bindTo(registry);
		assertThat(registry.get("ecs.secrets.failures").tag("reason", "denied-by-kms").counter().count()).isOne();
		assertThat(registry.get("ecs.secrets.refreshes").tag("outcome", "failure").counter().count()).isOne();
		assertThat(registry.get("ecs.secrets.age").timeGauge().value()).isNaN();
		assertThat(registry.find("ecs.secrets.start.time").timeGauge()).isNull();
	}

	private void succeed(Fetched... fetched) {
		this.history.succeeded(load(true), Arrays.stream(fetched).map(Fetched::declaration).toList(),
				new ResolvedSecrets(List.of(fetched), List.of(), List.of(), 1, Duration.ZERO));
	}

	private static Fetched fetched(SecretDeclaration declaration, Instant at) {
		return new Fetched(declaration, SecretValue.of("value"), new SecretSource("test", null, List.of(), at), null);
	}

	private static Load load(boolean successful, SecretFailure... failures) {
		return new Load(NOON, Duration.ofSeconds(1), true, List.of(), successful, List.of(failures));
	}

	private @Nullable String oldest() {
		Secret oldest = this.history.oldest();
		return (oldest != null) ? oldest.declaration().name() : null;
	}

	private Health health(@Nullable Duration maximumAge, Instant now) {
		return new SecretsHealthIndicator(this.history, maximumAge, InstantSource.fixed(now)).health();
	}

}
