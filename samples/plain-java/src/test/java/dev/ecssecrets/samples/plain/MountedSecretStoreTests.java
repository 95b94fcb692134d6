// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.plain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.test.SecretStoreContract;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class MountedSecretStoreTests extends SecretStoreContract {

	@TempDir
	private Path folder;

	@Override
	protected SecretStore store() {
		return new MountedSecretStore(this.folder);
	}

	@Override
	protected void put(SecretLocation location, String value) throws IOException {
		Files.writeString(this.folder.resolve(location.id()), value);
	}

	@Override
	protected List<String> valueFroms(String id) {
		return List.of(id);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/etc/hosts", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db" })
	void fetchWhenPathOrArnIsNotFound(String valueFrom) {
		SecretLocation location = SecretReference.parse(valueFrom).location();
		assertThat(store().fetch(Set.of(location), Duration.ofSeconds(1)).answers().get(location))
			.isEqualTo(new Failed(Reason.NOT_FOUND, valueFrom + " is not mounted"));
	}

}
