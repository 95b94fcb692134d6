// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretValue;

/**
 * Secret with staged versions, as a rotation by AWS's Lambda functions leaves them.
 */
public final class RotatingSecret implements SecretStore {

	public static final String ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";

	private final Map<String, Found> versions = new HashMap<>();

	private final List<String> calls = new ArrayList<>();

	private final Map<String, Reason> failures = new HashMap<>();

	/**
	 * Stages a version.
	 */
	synchronized RotatingSecret stage(String stage, String id, String json) {
		this.versions.put(stage, new Found(SecretValue.of(json),
				new SecretSource("Secrets Manager", id, List.of(stage), Instant.now())));
		return this;
	}

	public synchronized RotatingSecret stage(String stage, String id, String user, String password) {
		return stage(stage, id, "{\"username\":\"" + user + "\",\"password\":\"" + password + "\"}");
	}

	synchronized void unstage(String stage) {
		this.versions.remove(stage);
	}

	void denyPending() {
		deny("AWSPENDING");
	}

	synchronized void deny(String stage) {
		this.failures.put(stage, Reason.ACCESS_DENIED);
	}

	synchronized void throttlePending() {
		this.failures.put("AWSPENDING", Reason.THROTTLED);
	}

	synchronized void answerPending() {
		this.failures.clear();
	}

	/**
	 * Returns the stages that were asked for, and parameters.
	 */
	synchronized List<String> calls() {
		return List.copyOf(this.calls);
	}

	@Override
	public synchronized Response fetch(Set<SecretLocation> locations, Duration timeout) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		for (SecretLocation location : locations) {
			String stage = (location instanceof SecretsManagerSecret secret)
					? (secret.versionStage() != null) ? secret.versionStage() : "AWSCURRENT" : location.id();
			this.calls.add(stage);
			Reason failure = this.failures.get(stage);
			Found version = (failure != null) ? null : this.versions.get(stage);
			answers.put(location, (version != null) ? version
					: new Failed((failure != null) ? failure : Reason.NOT_FOUND, "no such version"));
		}
		return new Response(answers, List.of());
	}

}
