// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.plain;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretValue;

/**
 * Store of secrets that Docker or Kubernetes mounts as files. The parameter
 * {@code db-password} is the file {@code db-password} of a folder; there is nothing else
 * in this store.
 */
final class MountedSecretStore implements SecretStore {

	private final Path folder;

	MountedSecretStore(Path folder) {
		this.folder = folder;
	}

	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		locations.forEach((location) -> answers.put(location, read(location.id())));
		return new Response(answers);
	}

	private Answer read(String name) {
		try {
			// A path or an ARN is not the name of a file.
			if (name.indexOf('/') < 0 && name.indexOf(':') < 0) {
				return new Found(SecretValue.of(Files.readString(this.folder.resolve(name))),
						new SecretSource("mounted files", null, List.of(), Instant.now()));
			}
		}
		catch (NoSuchFileException ex) {
			// It is not found, as is what cannot be here.
		}
		catch (IOException ex) {
			return new Failed(Reason.UNREADABLE_FILE, name + " cannot be read: " + ex.getClass().getName());
		}
		return new Failed(Reason.NOT_FOUND, name + " is not mounted");
	}

}
