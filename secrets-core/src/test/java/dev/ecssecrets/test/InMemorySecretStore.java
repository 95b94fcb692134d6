// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.test;

import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.InvalidSecretReferenceException;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Store of secrets in memory, for tests. Values can be put, removed and made to fail
 * while an application uses them, and fetches are counted. Secrets are distinguished by
 * their {@code valueFrom}: the name and the ARN of a parameter are two secrets. Instances
 * are safe for use by multiple threads.
 *
 * @since 0.1.0
 */
public final class InMemorySecretStore implements SecretStore {

	private static final JsonFactory JSON = new JsonFactory();

	private final Map<SecretLocation, SecretValue> values = new HashMap<>();

	private final Map<SecretLocation, Reason> failures = new HashMap<>();

	private int fetches;

	/**
	 * Creates a store without secrets.
	 */
	public InMemorySecretStore() {
	}

	/**
	 * Puts a value, and replaces an earlier one.
	 * @param valueFrom the location of the value, as declared; with a JSON key, only the
	 * value of that key is replaced
	 * @param value the value
	 * @return this store
	 * @throws InvalidSecretReferenceException if {@code valueFrom} is invalid
	 * @throws IllegalStateException if {@code valueFrom} has a JSON key, but the secret
	 * is not a JSON object
	 */
	public synchronized InMemorySecretStore put(String valueFrom, String value) {
		SecretReference reference = SecretReference.parse(valueFrom);
		SecretLocation location = reference.location();
		String text = (reference.jsonKey() != null) ? withMember(location, reference.jsonKey(), value) : value;
		this.values.put(location, SecretValue.of(text));
		this.failures.remove(location);
		return this;
	}

	private String withMember(SecretLocation location, String key, String value) {
		SecretValue present = this.values.get(location);
		String json = withMember((present != null) ? present.reveal() : "{}", key, value);
		if (json == null) {
			throw new IllegalStateException("the secret " + location.id() + " is not a JSON object");
		}
		return json;
	}

	/**
	 * Returns a JSON object with an additional member, or {@code null} if the text is not
	 * a JSON object.
	 */
	private static @Nullable String withMember(String object, String key, String value) {
		StringWriter json = new StringWriter();
		try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), object);
				JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), json)) {
			if (parser.nextToken() != JsonToken.START_OBJECT) {
				return null;
			}
			generator.writeStartObject();
			while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
				if (key.equals(parser.currentName())) {
					parser.nextToken();
					parser.skipChildren();
				}
				else {
					generator.copyCurrentStructureExact(parser);
				}
			}
			generator.writeStringProperty(key, value);
			generator.writeEndObject();
			generator.flush();
			return (parser.nextToken() == null) ? json.toString() : null;
		}
		catch (JacksonException ex) {
			return null;
		}
	}

	/**
	 * Removes a secret with all its JSON keys, so that it is no longer found.
	 * @param valueFrom the location of the secret, as declared; a JSON key is ignored
	 * @return this store
	 * @throws InvalidSecretReferenceException if {@code valueFrom} is invalid
	 */
	public synchronized InMemorySecretStore remove(String valueFrom) {
		SecretLocation location = SecretReference.parse(valueFrom).location();
		this.values.remove(location);
		this.failures.remove(location);
		return this;
	}

	/**
	 * Makes each fetch of a secret fail until it is put or removed. Its value is kept, so
	 * that putting one JSON key keeps the others.
	 * @param valueFrom the location of the secret, as declared; a JSON key is ignored
	 * @param reason the reason for the failure
	 * @return this store
	 * @throws InvalidSecretReferenceException if {@code valueFrom} is invalid
	 */
	public synchronized InMemorySecretStore fail(String valueFrom, Reason reason) {
		this.failures.put(SecretReference.parse(valueFrom).location(), reason);
		return this;
	}

	/**
	 * Returns the number of fetches, each for any number of secrets.
	 * @return the number of calls to {@link #fetch}
	 */
	public synchronized int fetches() {
		return this.fetches;
	}

	@Override
	public synchronized Response fetch(Set<SecretLocation> locations, Duration timeout) {
		this.fetches++;
		Map<SecretLocation, Answer> found = new HashMap<>();
		for (SecretLocation location : locations) {
			Reason failure = this.failures.get(location);
			SecretValue value = this.values.get(location);
			if (failure != null) {
				found.put(location, new Failed(failure, "as the test asked for"));
			}
			else {
				found.put(location,
						(value != null) ? new Found(value, new SecretSource("memory", null, List.of(), Instant.now()))
								: new Failed(Reason.NOT_FOUND, location.id() + " is not in memory"));
			}
		}
		return new Response(found);
	}

}
