// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientCredentials.Source;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Tests for {@link ClientCredentials} and {@link PendingVersions}, with a database that
 * counts logins, and time that passes when it is told to.
 */
@ExtendWith(OutputCaptureExtension.class)
class ClientCredentialsTests {

	private static final Duration WAIT = Duration.ofSeconds(15);

	private static final String CURRENT = "AWSCURRENT";

	private static final String PENDING = "AWSPENDING";

	private static final Pair FIRST = new Pair("app", "first-canary");

	private static final Pair SECOND = new Pair("app", "second-canary");

	private final RotatingSecret secret = new RotatingSecret().stage(CURRENT, "id-1", "app", "first-canary");

	private final List<Pair> logins = new ArrayList<>();

	private Pair accepted = FIRST;

	private ConfigurableApplicationContext context;

	private TimedSource source;

	private ClientCredentials credentials;

	@BeforeEach
	void start() {
		start("true", RotatingSecret.ARN + ":username::", RotatingSecret.ARN + ":password::");
	}

	@AfterEach
	void close(CapturedOutput output) {
		this.context.close();
		assertThat(output).doesNotContain("canary");
	}

	@Test
	void loginWhenAcceptedNeedsNoCall() {
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST);
		assertThat(calls()).isEmpty();
	}

	@Test
	void loginWhenSecretHasChangedLoadsOnlyWhatTheClientNeeds() {
		this.accepted = SECOND;
		this.secret.stage(CURRENT, "id-2", "app", "second-canary").unstage(PENDING);
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST, SECOND);
		assertThat(calls()).containsExactly(PENDING, CURRENT);
	}

	@Test
	void loginWhenSecretChangesMeanwhileNeedsNoCall() {
		this.accepted = SECOND;
		assertThat(this.credentials.mayTry(FIRST)).isTrue();
		this.credentials.refused(FIRST);
		this.secret.stage(CURRENT, "id-2", "app", "second-canary");
		this.context.getBean(Secrets.class).refresh();
		int calls = calls().size();
		assertThat(this.credentials.instead(FIRST, true, WAIT)).isEqualTo(SECOND);
		assertThat(calls()).hasSize(calls);
	}

	@Test
	void loginWhenRefusedUsesPendingVersionUntilTheCurrentOneChanges() {
		loginWithPendingVersion();
		assertThat(this.logins).containsExactly(FIRST, SECOND);
		assertThat(calls()).containsExactly(PENDING);
		assertThat(this.context.getEnvironment().getProperty("DB_PASSWORD")).isEqualTo("first-canary");
		assertThat(this.credentials.current()).isEqualTo(SECOND);
		assertThat(this.credentials.isPending()).isTrue();
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST, SECOND, SECOND);
		this.secret.stage(CURRENT, "id-3", "app", "third-canary");
		this.context.getBean(Secrets.class).refresh();
		assertThat(this.credentials.current()).isEqualTo(new Pair("app", "third-canary"));
		assertThat(this.credentials.isPending()).isFalse();
	}

	@Test
	void loginWhenPendingVersionIsRefusedLaterGoesBackToTheCurrentOne() {
		loginWithPendingVersion();
		// The rotation is cancelled.
		this.accepted = FIRST;
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST, SECOND, SECOND, FIRST);
		assertThat(login()).isTrue();
		assertThat(this.logins).endsWith(FIRST, FIRST);
	}

	@Test
	void loginWhenPendingVersionIsWrongTriesItOnce() {
		this.secret.stage(PENDING, "id-2", "app", "other-canary");
		this.accepted = SECOND;
		for (int i = 0; i < 10; i++) {
			assertThat(login()).isFalse();
			this.source.pass(Duration.ofSeconds(5));
		}
		assertThat(this.logins).containsExactly(FIRST, new Pair("app", "other-canary"));
		assertThat(calls()).containsOnlyOnce(PENDING);
	}

	@Test
	void loginWhenPendingVersionIsWrongAndTheSecretHasChangedUsesThat() {
		this.secret.stage(PENDING, "id-2", "app", "other-canary").stage(CURRENT, "id-3", "app", "second-canary");
		this.accepted = SECOND;
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST, new Pair("app", "other-canary"), SECOND);
	}

	@Test
	void loginWhenSecondRotationIsBridgedAsksForItsPendingVersionAtOnce() {
		loginWithPendingVersion();
		this.secret.stage(CURRENT, "id-2", "app", "second-canary");
		this.context.getBean(Secrets.class).refresh();
		assertThat(login()).isTrue();
		Pair third = new Pair("app", "third-canary");
		this.secret.stage(PENDING, "id-3", "app", "third-canary");
		this.accepted = third;
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST, SECOND, SECOND, SECOND, third);
	}

	@Test
	void loginWhenCurrentVersionIsRolledBackUsesThat() {
		loginWithPendingVersion();
		this.secret.stage(CURRENT, "id-2", "app", "second-canary");
		this.context.getBean(Secrets.class).refresh();
		assertThat(login()).isTrue();
		this.secret.stage(CURRENT, "id-1", "app", "first-canary");
		this.context.getBean(Secrets.class).refresh();
		assertThat(this.credentials.current()).isEqualTo(FIRST);
	}

	@Test
	void loginWhenThatWithThePendingVersionFailsOtherwiseTriesItAgain() {
		this.secret.stage(PENDING, "id-2", "app", "second-canary");
		this.credentials.refused(FIRST);
		assertThat(this.credentials.instead(FIRST, true, WAIT)).isEqualTo(SECOND);
		// The database does not answer.
		this.accepted = SECOND;
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(SECOND);
		assertThat(calls()).containsExactly(PENDING);
	}

	@Test
	void loginWhenAccountIsLockedKeepsThePendingVersion() {
		loginWithPendingVersion();
		this.credentials.locked(SECOND);
		assertThat(this.credentials.current()).isEqualTo(SECOND);
		assertThat(this.credentials.mayTry(SECOND)).isFalse();
		assertThat(this.credentials.instead(SECOND, false, Duration.ZERO)).isNull();
		this.source.pass(Duration.ofMinutes(1));
		assertThat(login()).isTrue();
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST, SECOND, SECOND, SECOND);
	}

	@Test
	void loginWhenThereIsNoAnswerAsksAgainForThePendingVersion() {
		this.secret.stage(PENDING, "id-2", "app", "second-canary").throttlePending();
		this.accepted = SECOND;
		assertThat(login()).isFalse();
		this.secret.answerPending();
		this.source.pass(Duration.ofSeconds(5));
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST, SECOND);
	}

	@Test
	void loginWhenUserAndPasswordAreInOneSecretLoadsBothOfOneVersion() {
		this.credentials = new ClientCredentials(this.source, null, "db.password", () -> FIRST);
		this.accepted = SECOND;
		this.secret.stage(CURRENT, "id-2", "other", "second-canary");
		assertThat(login()).isTrue();
		assertThat(this.context.getEnvironment().getProperty("DB_USERNAME")).isEqualTo("other");
	}

	@Test
	void loginWhenSecretIsTheDefaultOfAnAbsentOneLoadsBoth() {
		this.credentials = new ClientCredentials(this.source, "db.username", "password-with-default", () -> FIRST);
		this.accepted = SECOND;
		this.secret.stage(CURRENT, "id-2", "app", "second-canary");
		assertThat(login()).isTrue();
		assertThat(calls()).contains("other");
	}

	@Test
	void failuresOfOtherSecretsStandAfterALoadOfSome() {
		this.secret.stage("other", "1", "x", "canary");
		Secrets secrets = this.context.getBean(Secrets.class);
		secrets.refresh();
		this.secret.deny("other");
		assertThatException().isThrownBy(secrets::refresh);
		this.accepted = SECOND;
		this.secret.stage(CURRENT, "id-2", "app", "second-canary");
		assertThat(login()).isTrue();
		assertThat(secrets.current().lastLoad().successful()).isFalse();
		assertThat(secrets.current().lastLoad().failures()).singleElement()
			.satisfies((failure) -> assertThat(failure.subject()).isEqualTo("OTHER"));
	}

	@Test
	void loginWhenPendingStageIsLeftOnTheCurrentVersionDoesNotUseIt() {
		this.secret.stage(PENDING, "id-1", "app", "first-canary");
		this.accepted = SECOND;
		assertThat(login()).isFalse();
		assertThat(this.logins).containsExactly(FIRST);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"username\":\"app\"}", "{\"password\":\"second-canary\"}", "no JSON of canary", "{}" })
	void loginWhenPendingVersionIsIncompleteDoesNotUseIt(String json) {
		this.secret.stage(PENDING, "id-2", json);
		this.accepted = SECOND;
		assertThat(login()).isFalse();
		assertThat(this.logins).containsExactly(FIRST);
	}

	@Test
	void loginWhenPendingVersionIsDeniedAsksOnceInTheProcess(CapturedOutput output) {
		this.secret.stage(PENDING, "id-2", "app", "second-canary").denyPending();
		this.accepted = SECOND;
		assertThat(login()).isFalse();
		ClientCredentials other = new ClientCredentials(this.source, "db.username", "db.password", () -> FIRST);
		other.refused(FIRST);
		assertThat(other.instead(FIRST, true, WAIT)).isNull();
		assertThat(calls()).containsOnlyOnce(PENDING);
		assertThat(output)
			.containsOnlyOnce("Pending versions of secrets are not used any more, because AWS denies them");
	}

	@Test
	void loginWhenPendingIsNotEnabledDoesNotAskForIt() {
		start("false", RotatingSecret.ARN + ":username::", RotatingSecret.ARN + ":password::");
		this.secret.stage(PENDING, "id-2", "app", "second-canary");
		this.accepted = SECOND;
		assertThat(login()).isFalse();
		assertThat(calls()).doesNotContain(PENDING);
		assertThat(this.credentials.triesPending()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "AWSPREVIOUS:", ":8a9d51b3-6b5c-4a0f-9c6e-0a1b2c3d4e5f" })
	void loginWhenSecretIsDeclaredWithAVersionDoesNotAskForAPendingOne(String version) {
		this.secret.stage("AWSPREVIOUS", "id-0", "app", "first-canary");
		start("true", RotatingSecret.ARN + ":username:" + version, RotatingSecret.ARN + ":password:" + version);
		this.accepted = SECOND;
		assertThat(login()).isFalse();
		assertThat(calls()).doesNotContain(PENDING);
	}

	@Test
	void loginWhenRefusedForAnotherReasonDoesNotAskForAPendingVersion() {
		this.secret.stage(PENDING, "id-2", "app", "second-canary");
		this.credentials.refused(FIRST);
		assertThat(this.credentials.instead(FIRST, false, WAIT)).isNull();
		assertThat(calls()).containsExactly(CURRENT);
	}

	@Test
	void loginWhenItStaysRefusedIsProbedSeldom() {
		this.accepted = SECOND;
		List<Duration> probes = new ArrayList<>();
		for (int second = 0; second <= 30 * 60; second++) {
			int before = this.logins.size();
			assertThat(login()).isFalse();
			if (this.logins.size() > before) {
				probes.add(Duration.ofNanos(this.source.nanos));
			}
			this.source.pass(Duration.ofSeconds(1));
		}
		assertThat(probes).containsExactly(Duration.ZERO, Duration.ofMinutes(1), Duration.ofMinutes(5),
				Duration.ofMinutes(10), Duration.ofMinutes(20), Duration.ofMinutes(30));
	}

	@Test
	void loginWhenAProbeIsAcceptedIsAsAtFirst() {
		this.accepted = SECOND;
		assertThat(login()).isFalse();
		this.accepted = FIRST;
		assertThat(login()).isFalse();
		this.source.pass(Duration.ofMinutes(1));
		assertThat(login()).isTrue();
		assertThat(login()).isTrue();
		assertThat(this.logins).containsExactly(FIRST, FIRST, FIRST);
	}

	@Test
	void loginWhenItStaysRefusedForLongLoadsAtMostOnceAMinute() {
		this.accepted = SECOND;
		List<Duration> loads = new ArrayList<>();
		for (int second = 0; second < 30 * 60; second++) {
			int before = calls().size();
			assertThat(login()).isFalse();
			if (calls().size() > before) {
				loads.add(Duration.ofSeconds(second));
			}
			this.source.pass(Duration.ofSeconds(1));
		}
		assertThat(loads).filteredOn((load) -> load.toMinutes() < 10).hasSizeGreaterThan(500);
		assertThat(loads).filteredOn((load) -> load.toMinutes() >= 20).hasSizeBetween(9, 12);
	}

	@Test
	void credentialsPrintTheirProperties() {
		assertThat(this.credentials).hasToString("user from db.username, password from db.password");
	}

	@Test
	void pairPrintsNoValue() {
		assertThat(FIRST).hasToString("******");
	}

	private void loginWithPendingVersion() {
		this.secret.stage(PENDING, "id-2", "app", "second-canary");
		this.accepted = SECOND;
		assertThat(login()).isTrue();
	}

	/**
	 * Logs in as a pool does.
	 */
	private boolean login() {
		Pair used = this.credentials.current();
		for (int i = 0; i < 4 && used != null; i++) {
			if (this.credentials.mayTry(used)) {
				this.logins.add(used);
				if (used.equals(this.accepted)) {
					this.credentials.accepted(used);
					return true;
				}
				this.credentials.refused(used);
			}
			used = this.credentials.instead(used, true, WAIT);
		}
		return false;
	}

	private List<String> calls() {
		List<String> calls = this.secret.calls();
		return calls.subList(Math.min(this.source.callsOfStart, calls.size()), calls.size());
	}

	private void start(String pending, String user, String password) {
		if (this.context != null) {
			this.context.close();
		}
		this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("ecs-secrets.refresh.min-interval=0s", "ecs-secrets.refresh.pending=" + pending,
					"ecs-secrets.secrets[0].name=DB_USERNAME", "ecs-secrets.secrets[0].value-from=" + user,
					"ecs-secrets.secrets[1].name=DB_PASSWORD", "ecs-secrets.secrets[1].value-from=" + password,
					"ecs-secrets.secrets[2].name=OTHER", "ecs-secrets.secrets[2].value-from=other",
					"ecs-secrets.secrets[2].optional=true", "password-with-default=${OTHER:${DB_PASSWORD}}")
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(SecretStore.class, InstanceSupplier.of(this.secret)))
			.run();
		this.source = new TimedSource(this.context, this.secret.calls().size());
		this.credentials = new ClientCredentials(this.source, "db.username", "db.password", () -> FIRST);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(SecretsAutoConfiguration.class)
	static class Application {

	}

	private static final class TimedSource extends Source {

		private final int callsOfStart;

		private long nanos;

		TimedSource(ConfigurableApplicationContext context, int callsOfStart) {
			super(context.getBean(Secrets.class), context.getEnvironment());
			this.callsOfStart = callsOfStart;
		}

		void pass(Duration duration) {
			this.nanos += duration.toNanos();
		}

		@Override
		long nanoTime() {
			return this.nanos;
		}

	}

}
