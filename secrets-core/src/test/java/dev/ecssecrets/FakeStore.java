package dev.ecssecrets;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that remembers what it was asked.
 */
final class FakeStore implements SecretStore {

	final Map<SecretLocation, @Nullable Answer> answers = new HashMap<>();

	Set<SecretLocation> asked = Set.of();

	Duration timeout = Duration.ZERO;

	void parameter(String name, String value) {
		put(name, value);
		put("arn:aws:ssm:eu-west-1:123456789012:parameter/" + name.replaceFirst("^/", ""), value);
	}

	void secret(String name, String value) {
		put("arn:aws:secretsmanager:eu-west-1:123456789012:secret:" + name, value);
	}

	private void put(String valueFrom, String value) {
		this.answers.put(SecretReference.parse(valueFrom).location(), new Found(SecretValue.of(value), "fake"));
	}

	@Override
	public Response fetch(Set<SecretLocation> locations, Duration timeout) {
		this.asked = locations;
		this.timeout = timeout;
		Map<SecretLocation, Answer> answers = new HashMap<>();
		for (SecretLocation location : locations) {
			Answer answer = this.answers.containsKey(location) ? this.answers.get(location)
					: new Failed(Reason.NOT_FOUND, "the fake has none");
			if (answer != null) {
				answers.put(location, answer);
			}
		}
		return new Response(answers, locations.isEmpty() ? 0 : 1);
	}

}
