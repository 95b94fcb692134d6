// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretStore.Found;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link PlaceholderSecretStore}.
 */
class PlaceholderSecretStoreTests {

	private static final String ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";

	private final List<SecretDeclaration> declarations = new ArrayList<>();

	@Test
	void fetchGivesEachSecretThePlaceholderOfItsName() {
		declare("PLAIN", "word");
		declare("BY_ARN", "arn:aws:ssm:eu-west-1:123456789012:parameter/word");
		declare("WHOLE", ARN + "-2");
		declare("USER", ARN + ":user::");
		declare("PASSWORD", ARN + ":password::");
		declare("PREVIOUS", ARN + ":password:AWSPREVIOUS:");
		assertThat(values()).containsExactly("PLAIN=placeholder-for-PLAIN", "BY_ARN=placeholder-for-BY_ARN",
				"WHOLE=placeholder-for-WHOLE", "USER=placeholder-for-USER", "PASSWORD=placeholder-for-PASSWORD",
				"PREVIOUS=placeholder-for-PREVIOUS");
	}

	@Test
	void fetchWhenJsonKeyHasToBeQuotedGivesItAPlaceholder() {
		declare("QUOTED", ARN + ":a \"quoted\" \\ key\n::");
		declare("OTHER", ARN + ":日本::");
		assertThat(values()).containsExactly("QUOTED=placeholder-for-QUOTED", "OTHER=placeholder-for-OTHER");
	}

	@Test
	void fetchWhenSecretIsOptionalGivesItAPlaceholder() {
		this.declarations.add(new SecretDeclaration("ABSENT", "word", true, null));
		assertThat(values()).containsExactly("ABSENT=placeholder-for-ABSENT");
	}

	@Test
	void fetchWhenSecretIsDeclaredWholeAndByKeyGivesADocument() {
		declare("WHOLE", ARN);
		declare("USER", ARN + ":user::");
		assertThat(values()).containsExactly("WHOLE={\"user\":\"placeholder-for-USER\"}", "USER=placeholder-for-USER");
	}

	@Test
	void createWhenDeclarationIsInvalidLeavesItToTheReport() {
		declare("INVALID", "arn:aws:s3:::bucket");
		assertThatNoException().isThrownBy(() -> new PlaceholderSecretStore(this.declarations));
	}

	@Test
	void fetchWhenSecretIsNotDeclaredGivesItAPlaceholder() {
		SecretLocation location = SecretReference.parse("word").location();
		assertThat(new PlaceholderSecretStore(List.of()).fetch(Set.of(location), Duration.ZERO).answers())
			.hasEntrySatisfying(location, (answer) -> assertThat(answer).isInstanceOf(Found.class));
	}

	private void declare(String name, String valueFrom) {
		this.declarations.add(new SecretDeclaration(name, valueFrom));
	}

	private List<String> values() {
		List<Fetched> fetched = new SecretResolver(() -> new PlaceholderSecretStore(this.declarations),
				Duration.ofSeconds(1))
			.resolve(this.declarations, (name) -> false)
			.fetched();
		return fetched.stream().map((secret) -> secret.declaration().name() + "=" + secret.value().reveal()).toList();
	}

}
