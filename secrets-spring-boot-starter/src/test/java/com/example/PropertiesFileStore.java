// SPDX-License-Identifier: Apache-2.0

package com.example;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretValue;

/**
 * A store of an application: each secret is a property of a file.
 */
final class PropertiesFileStore implements SecretStore {

	private final Path file;

	PropertiesFileStore(Path file) {
		this.file = file;
	}

	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		Properties properties = new Properties();
		try (Reader reader = Files.newBufferedReader(this.file)) {
			properties.load(reader);
			locations.forEach((location) -> answers.put(location, answer(properties.getProperty(location.id()))));
		}
		catch (IOException | IllegalArgumentException ex) {
			locations.forEach((location) -> answers.put(location,
					new Failed(Reason.UNREADABLE_FILE, this.file + " cannot be read: " + ex.getClass().getName())));
		}
		return new Response(answers);
	}

	private Answer answer(String value) {
		if (value == null) {
			return new Failed(Reason.NOT_FOUND, this.file + " has no such property");
		}
		return new Found(SecretValue.of(value), new SecretSource("properties", null, List.of(), Instant.now()));
	}

}
