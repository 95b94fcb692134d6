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
 * Store of secrets in memory, for tests: values can be put, removed and made to fail
 * while an application uses them, and fetches are counted. Secrets are distinguished by
 * their {@code valueFrom}: a parameter's name and its ARN are two secrets. Instances may
 * be used by any number of threads.
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
	 * Puts a value in the place of what was there.
	 * @param valueFrom where the value is, as declared; with a JSON key it is the value
	 * of that key, and the other keys of the secret stay as they are
	 * @param value the value
	 * @return this store
	 * @throws InvalidSecretReferenceException if ECS would not take {@code valueFrom}
	 * @throws IllegalStateException if {@code valueFrom} has a JSON key and the secret
	 * there is not a JSON object
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
	 * Returns a JSON object with one more member, or {@code null} if the text is not a
	 * JSON object.
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
	 * Removes what was put, with all its keys if it is a JSON object. From then on it is
	 * not found.
	 * @param valueFrom where it is, as declared; a JSON key in it makes no difference
	 * @return this store
	 * @throws InvalidSecretReferenceException if ECS would not take {@code valueFrom}
	 */
	public synchronized InMemorySecretStore remove(String valueFrom) {
		SecretLocation location = SecretReference.parse(valueFrom).location();
		this.values.remove(location);
		this.failures.remove(location);
		return this;
	}

	/**
	 * Makes each fetch of a secret fail until it is put or removed. Its other JSON keys
	 * stay as they are.
	 * @param valueFrom where it is, as declared; a JSON key in it makes no difference
	 * @param reason why it fails
	 * @return this store
	 * @throws InvalidSecretReferenceException if ECS would not take {@code valueFrom}
	 */
	public synchronized InMemorySecretStore fail(String valueFrom, Reason reason) {
		this.failures.put(SecretReference.parse(valueFrom).location(), reason);
		return this;
	}

	/**
	 * Returns how often secrets were fetched, however many at once.
	 * @return the number of calls of {@link #fetch}
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
