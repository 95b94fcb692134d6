package dev.ecssecrets.samples.plain;

import java.time.Duration;
import java.util.Map;

import dev.ecssecrets.InMemorySecretStore;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretResolver;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class PlainApplicationTests {

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final PlainApplication application = new PlainApplication(
			new SecretResolver(() -> this.store, Duration.ofSeconds(1)));

	@Test
	void greetsWithFetchedSecret() throws Exception {
		this.store.put("hamako-favorite-word", "wassyoi");
		assertThat(this.application.greet(Map.of())).isEqualTo("Hello, wassyoi!");
	}

	@Test
	void greetsWithInjectedSecretAndFetchesNothing() throws Exception {
		assertThat(this.application.greet(Map.of("HAMADA_SECRETS", "from ECS"))).isEqualTo("Hello, from ECS!");
		assertThat(this.store.fetches()).isZero();
	}

	@Test
	void failsWhenSecretIsThrottled() {
		this.store.fail("hamako-favorite-word", Reason.THROTTLED);
		assertThatExceptionOfType(SecretResolutionException.class).isThrownBy(() -> this.application.greet(Map.of()))
			.withMessageContaining("throttled");
	}

}
