// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.test.InMemorySecretStore;
import dev.ecssecrets.test.SecretStoreContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tests that the stores of this library fulfil the {@link SecretStoreContract}. That of
 * AWS is in {@link SecretStoreContractIT}.
 */
class SecretStoreContractTests {

	@Nested
	class FileTests extends SecretStoreContract {

		@TempDir
		private Path folder;

		private final ObjectNode content = new JsonMapper().createObjectNode();

		private Path file() {
			return this.folder.resolve("secrets.json");
		}

		@BeforeEach
		void writeEmptyFile() throws IOException {
			Files.writeString(file(), this.content.toString());
		}

		@Override
		protected SecretStore store() {
			try {
				return new FileSecretStore(file().toUri().toURL());
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Override
		protected void put(SecretLocation location, String value) throws IOException {
			if (location instanceof Parameter parameter) {
				this.content.withObject("parameters").put(parameter.name(), value);
			}
			else if (location instanceof SecretsManagerSecret secret) {
				this.content.withObject("secrets").put(secret.secretId(), value);
			}
			Files.writeString(file(), this.content.toString());
		}

	}

	@Nested
	class InMemoryTests extends SecretStoreContract {

		private final InMemorySecretStore store = new InMemorySecretStore();

		@Override
		protected SecretStore store() {
			return this.store;
		}

		@Override
		protected void put(SecretLocation location, String value) {
			this.store.put(location.id(), value);
		}

	}

	@Nested
	class CachingTests extends InMemoryTests {

		private final CachingSecretStore caching = new CachingSecretStore(super.store(), Duration.ZERO);

		@Override
		protected SecretStore store() {
			return this.caching;
		}

	}

}
