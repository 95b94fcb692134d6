// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.List;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link InMemorySecretStore} in addition to {@link SecretStoreContractTests}.
 */
class InMemorySecretStoreTests {

	private static final String DB = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final SecretResolver resolver = new SecretResolver(() -> this.store, Duration.ofSeconds(7));

	@Test
	void putWhenPutBeforeReplacesValue() {
		this.store.put("name", "old").put("name", "new");
		assertThat(value("name")).isEqualTo("new");
	}

	@Test
	void putWhenJsonKeyMakesObject() {
		this.store.put(DB + ":user::", "me").put(DB + ":pass\"word::", "1000000 \\ \n");
		assertThat(value(DB)).isEqualTo("{\"user\":\"me\",\"pass\\\"word\":\"1000000 \\\\ \\n\"}");
		assertThat(value(DB + ":pass\"word::")).isEqualTo("1000000 \\ \n");
	}

	@Test
	void putWhenJsonKeyOfPutObjectKeepsItsOtherMembers() {
		this.store.put(DB, "{\"port\": 5432, \"user\": \"me\"}").put(DB + ":user::", "you");
		assertThat(value(DB)).isEqualTo("{\"port\":5432,\"user\":\"you\"}");
	}

	@Test
	void putWhenJsonKeyOfTextFailsWithoutValue() {
		this.store.put(DB, "canary");
		assertThatIllegalStateException().isThrownBy(() -> this.store.put(DB + ":user::", "me"))
			.withMessage("the secret " + DB + " is not a JSON object");
		assertThat(value(DB)).isEqualTo("canary");
	}

	@Test
	void putWhenValueFromIsInvalidThrows() {
		assertThatExceptionOfType(InvalidSecretReferenceException.class)
			.isThrownBy(() -> this.store.put("name:3", "value"));
	}

	@Test
	void removeWhenPutIsNotFound() {
		this.store.put("name", "value").remove("name");
		assertThat(failure("name")).isEqualTo(Reason.NOT_FOUND);
	}

	@Test
	void failGivesReasonUntilPut() {
		this.store.put("name", "value").fail("name", Reason.THROTTLED);
		assertThat(failure("name")).isEqualTo(Reason.THROTTLED);
		this.store.put("name", "value");
		assertThat(value("name")).isEqualTo("value");
	}

	@Test
	void putWhenSecretFailedKeepsItsOtherMembers() {
		this.store.put(DB, "{\"port\": 5432}").fail(DB, Reason.THROTTLED).put(DB + ":user::", "me");
		assertThat(value(DB)).isEqualTo("{\"port\":5432,\"user\":\"me\"}");
	}

	@Test
	void fetchesCountsFetchesAndNotSecrets() {
		assertThat(this.store.fetches()).isZero();
		this.store.put("a", "1").put("b", "2");
		this.resolver.resolve(List.of(new SecretDeclaration("A", "a"), new SecretDeclaration("B", "b")),
				(name) -> false);
		assertThat(this.store.fetches()).isOne();
	}

	private String value(String valueFrom) {
		return this.resolver.resolve(List.of(new SecretDeclaration("NAME", valueFrom)), (name) -> false)
			.fetched()
			.get(0)
			.value()
			.reveal();
	}

	private FailureReason failure(String valueFrom) {
		return catchThrowableOfType(SecretResolutionException.class, () -> value(valueFrom)).failures().get(0).reason();
	}

}
