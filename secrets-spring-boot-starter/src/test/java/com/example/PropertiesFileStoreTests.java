// SPDX-License-Identifier: Apache-2.0

package com.example;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.SecretStoreContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that {@link PropertiesFileStore} fulfils the contract of stores.
 */
class PropertiesFileStoreTests extends SecretStoreContract {

	private final Properties properties = new Properties();

	@TempDir
	private Path folder;

	@BeforeEach
	void createFile() throws IOException {
		Files.createFile(file());
	}

	@Override
	protected SecretStore store() {
		return new PropertiesFileStore(file());
	}

	@Override
	protected void put(SecretLocation location, String value) throws IOException {
		this.properties.setProperty(location.id(), value);
		try (Writer writer = Files.newBufferedWriter(file())) {
			this.properties.store(writer, null);
		}
	}

	private Path file() {
		return this.folder.resolve("secrets.properties");
	}

	@Override
	protected List<String> valueFroms(String id) {
		return List.of(id, "/" + id + "/path");
	}

}
