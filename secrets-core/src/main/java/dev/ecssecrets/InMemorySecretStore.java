package dev.ecssecrets;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.ecssecrets.SecretFailure.Reason;

/**
 * Secrets in memory, for tests: values can be put, removed and made to fail while an
 * application uses them, and fetches are counted. Secrets are told apart by what stands
 * in {@code valueFrom}: a parameter's name and its ARN are two of them. Instances may be
 * used by any number of threads.
 */
public final class InMemorySecretStore implements SecretStore {

	private static final String SOURCE = "memory";

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
		Map<String, String> members = new LinkedHashMap<>();
		SecretValue present = this.values.get(location);
		if (present != null) {
			try {
				present.members().forEach((name, member) -> members.put(name, member.json()));
			}
			catch (GoJson.SyntaxException ex) {
				throw new IllegalStateException("the secret " + location.id() + " " + ex.getMessage());
			}
		}
		members.put(key, GoJson.quote(value));
		return members.entrySet()
			.stream()
			.map((member) -> GoJson.quote(member.getKey()) + ":" + member.getValue())
			.collect(Collectors.joining(",", "{", "}"));
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
	 * Lets each fetch of a secret fail until it is put or removed. Its other JSON keys
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
				found.put(location, (value != null) ? new Found(value, SOURCE)
						: new Failed(Reason.NOT_FOUND, location.id() + " is not in memory"));
			}
		}
		return new Response(found);
	}

}
