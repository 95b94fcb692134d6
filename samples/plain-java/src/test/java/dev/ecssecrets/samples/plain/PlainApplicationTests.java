// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.plain;

import java.util.Map;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class PlainApplicationTests {

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final PlainApplication application = new PlainApplication(this.store);

	@Test
	void greetsWithFetchedSecret() throws Exception {
		this.store.put("hamako-favorite-word", "wassyoi");
		assertThat(this.application.greet(Map.of())).isEqualTo("Hello, wassyoi!");
	}

	@Test
	void greetWhenCalledAgainDoesNotFetch() throws Exception {
		this.store.put("hamako-favorite-word", "wassyoi");
		this.application.greet(Map.of());
		assertThat(this.application.greet(Map.of())).isEqualTo("Hello, wassyoi!");
		assertThat(this.store.fetches()).isOne();
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
