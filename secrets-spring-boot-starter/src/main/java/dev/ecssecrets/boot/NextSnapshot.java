// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretValue;
import dev.ecssecrets.boot.SecretStatus.Failure;
import dev.ecssecrets.boot.SecretStatus.State;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import org.jspecify.annotations.Nullable;

/**
 * What the next snapshot is made of. Immutable.
 *
 * @param before the snapshot before the load
 * @param load the load
 * @param present the values that were there without it
 * @param fetched the secrets that were fetched, by this load or before
 * @param values the values of all secrets
 */
record NextSnapshot(SecretsSnapshot before, Load load, PresentValues present, Map<String, Fetched> fetched,
		Map<String, SecretValue> values) {

	NextSnapshot {
		fetched = Collections.unmodifiableMap(new LinkedHashMap<>(fetched));
		values = Map.copyOf(values);
	}

	/**
	 * Returns the snapshot after a load whose values the application gets.
	 * @param before the snapshot before the load
	 * @param load the load
	 * @param configuration what was declared
	 * @param resolved what became of it; what was neither fetched nor is present is
	 * {@linkplain SecretsSnapshot#keeps kept}
	 * @param present the values that were there without a load
	 * @param overridesInjected whether fetched values were preferred to injected ones
	 * @param others the names of secrets that were not to be loaded
	 */
	static SecretsSnapshot of(SecretsSnapshot before, Load load, SecretsConfiguration configuration,
			ResolvedSecrets resolved, PresentValues present, boolean overridesInjected, Set<String> others) {
		Map<String, Fetched> fetched = new LinkedHashMap<>();
		Map<String, SecretValue> values = new LinkedHashMap<>();
		for (Fetched secret : resolved.fetched()) {
			fetched.put(secret.declaration().name(), secret);
		}
		for (SecretDeclaration declaration : resolved.injected()) {
			Fetched kept = kept(declaration, before, others);
			SecretValue value = present(declaration.name(), before, present);
			if (kept != null) {
				fetched.put(declaration.name(), kept);
			}
			else if (value != null) {
				values.put(declaration.name(), value);
			}
		}
		for (Map.Entry<String, Fetched> secret : fetched.entrySet()) {
			values.put(secret.getKey(), secret.getValue().value());
		}
		NextSnapshot next = new NextSnapshot(before, load, present, fetched, values);
		Map<String, Failure> failures = SecretsSnapshot.failures(load);
		List<SecretStatus> secrets = new ArrayList<>();
		for (SecretDeclaration declaration : configuration.unique()) {
			boolean loaded = !others.contains(declaration.name());
			secrets.add(next.status(declaration, loaded ? failures.get(declaration.name()) : null));
		}
		SecretsPropertySource source = SecretsPropertySource.of(next.fetched, next.overriding(secrets),
				isAnyAbsent(secrets), present.prefix());
		return before.next(load, overridesInjected, secrets, next.values, source);
	}

	private static @Nullable Fetched kept(SecretDeclaration declaration, SecretsSnapshot before, Set<String> others) {
		SecretStatus known = before.find(declaration.name());
		SecretValue value = before.value(declaration.name());
		boolean keeps = before.keeps(declaration) || others.contains(declaration.name());
		return (keeps && known != null && known.source() != null && value != null)
				? new Fetched(declaration, value, known.source(), null) : null;
	}

	/**
	 * Returns the value that a secret has without being fetched. An overriding one may be
	 * out of sight in the environment of a context refresh, which has fewer sources.
	 */
	private static @Nullable SecretValue present(String name, SecretsSnapshot before, PresentValues present) {
		boolean overridden = before.isOverridden(name, present);
		String value = overridden ? present.overriding(name) : present.injected(name);
		return (value != null) ? SecretValue.of(value) : overridden ? before.value(name) : null;
	}

	private SecretStatus status(SecretDeclaration declaration, @Nullable Failure failure) {
		String name = declaration.name();
		SecretStatus known = this.before.find(name);
		Fetched secret = this.fetched.get(name);
		boolean changed = this.before.number() > 0
				&& !SecretsSnapshot.isSame(this.before.value(name), this.values.get(name));
		Instant lastChange = changed ? this.load.end() : (known != null) ? known.changed() : null;
		Failure lastFailure = (failure != null || known == null) ? failure : known.lastFailure();
		return new SecretStatus(declaration, state(name), (secret != null) ? secret.source() : null, lastChange,
				lastFailure);
	}

	private State state(String name) {
		if (this.fetched.containsKey(name)) {
			return State.FETCHED;
		}
		if (!this.values.containsKey(name)) {
			return State.ABSENT;
		}
		return this.before.isOverridden(name, this.present) ? State.OVERRIDDEN : State.INJECTED;
	}

	private static boolean isAnyAbsent(List<SecretStatus> secrets) {
		for (SecretStatus secret : secrets) {
			if (secret.state() == State.ABSENT) {
				return true;
			}
		}
		return false;
	}

	private Map<String, SecretValue> overriding(List<SecretStatus> secrets) {
		Map<String, SecretValue> overriding = new LinkedHashMap<>();
		for (SecretStatus secret : secrets) {
			SecretValue value = this.values.get(secret.name());
			if (secret.state() == State.OVERRIDDEN && value != null) {
				overriding.put(secret.name(), value);
			}
		}
		return overriding;
	}

	/**
	 * Returns no values.
	 */
	@Override
	public String toString() {
		return "next after " + this.before;
	}

}
