// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

import dev.ecssecrets.FailureReason;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretReference;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretValue;
import org.apache.commons.logging.Log;
import org.jspecify.annotations.Nullable;

/**
 * Versions of secrets that are staged {@code AWSPENDING}. In a rotation by AWS's Lambda
 * functions, such a version has the new password before the database has it, and is
 * staged {@code AWSCURRENT} last.
 */
final class PendingVersions {

	static final String STAGE = "AWSPENDING";

	private static final String CURRENT = "AWSCURRENT";

	// What may be over at the next attempt.
	private static final Set<FailureReason> NO_ANSWER = Set.of(Reason.THROTTLED, Reason.UNREACHABLE, Reason.TIMED_OUT,
			Reason.NO_CREDENTIALS);

	// A pool that is closed waits for it.
	private static final Duration LONGEST = Duration.ofSeconds(5);

	private final SecretsLoader loader;

	private final Log logger;

	private volatile boolean denied;

	PendingVersions(SecretsLoader loader, Log logger) {
		this.loader = loader;
		this.logger = logger;
	}

	/**
	 * Finds the pending version of secrets whose current version is refused.
	 * @param current the current snapshot
	 * @param names the names of the secrets
	 * @param atMost how long it may take
	 * @return the version, which has no other values than the current one if there is no
	 * other version, or if that lacks something; {@code null} if the store gives no
	 * answer
	 */
	@Nullable PendingVersion find(SecretsSnapshot current, Set<String> names, Duration atMost) {
		if (this.denied || !current.refresh().pending()) {
			return new PendingVersion("", current);
		}
		long end = System.nanoTime() + ((atMost.compareTo(LONGEST) < 0) ? atMost : LONGEST).toNanos();
		Map<String, SecretValue> values = new LinkedHashMap<>();
		StringJoiner ids = new StringJoiner(" ");
		for (List<SecretDeclaration> ofOneSecret : declarations(current, names).values()) {
			List<Fetched> answer = fetch(ofOneSecret, Duration.ofNanos(end - System.nanoTime()));
			if (answer == null) {
				return null;
			}
			for (Fetched fetched : answer) {
				String name = fetched.declaration().name();
				String id = fetched.source().version();
				SecretStatus known = current.find(name);
				if (id != null && known != null && known.source() != null && !id.equals(known.source().version())) {
					values.put(name, fetched.value());
					ids.add(id);
				}
			}
		}
		return new PendingVersion(ids.toString(), values.isEmpty() ? current : current.with(values));
	}

	/**
	 * Returns the declarations of pending versions by their secrets. A secret that is
	 * declared with a version id or another stage has none.
	 */
	private static Map<SecretsManagerSecret, List<SecretDeclaration>> declarations(SecretsSnapshot current,
			Set<String> names) {
		Map<SecretsManagerSecret, List<SecretDeclaration>> declarations = new LinkedHashMap<>();
		for (SecretDeclaration declaration : current.declarations()) {
			SecretReference reference = names.contains(declaration.name()) ? SecretsSnapshot.reference(declaration)
					: null;
			if (reference != null && reference.location() instanceof SecretsManagerSecret secret
					&& secret.versionId() == null
					&& (secret.versionStage() == null || secret.versionStage().equals(CURRENT))) {
				String key = (reference.jsonKey() != null) ? reference.jsonKey() : "";
				declarations.computeIfAbsent(secret, (any) -> new ArrayList<>())
					.add(new SecretDeclaration(declaration.name(), secret.arn() + ":" + key + ":" + STAGE + ":"));
			}
		}
		return declarations;
	}

	/**
	 * Fetches what is pending of one secret: all or nothing.
	 * @return the values, or {@code null} if the store gives no answer
	 */
	private @Nullable List<Fetched> fetch(List<SecretDeclaration> declarations, Duration timeout) {
		if (timeout.isNegative() || timeout.isZero()) {
			return null;
		}
		try {
			return this.loader.fetch(declarations, timeout);
		}
		catch (SecretResolutionException ex) {
			Set<FailureReason> reasons = new HashSet<>();
			ex.failures().forEach((failure) -> reasons.add(failure.reason()));
			if (reasons.contains(Reason.ACCESS_DENIED) && !this.denied) {
				this.denied = true;
				this.logger.info("Pending versions of secrets are not used any more, because AWS denies them. To use "
						+ "them, allow secretsmanager:GetSecretValue for the stage " + STAGE
						+ "; otherwise remove ecs-secrets.refresh.pending");
			}
			return Collections.disjoint(reasons, NO_ANSWER) ? List.of() : null;
		}
		catch (RuntimeException ex) {
			this.logger.debug("Pending versions cannot be fetched: " + ex.getClass().getName());
			return null;
		}
	}

	/**
	 * Pending version.
	 *
	 * @param id the id of the version, or those of several secrets
	 * @param snapshot the current snapshot with the values of the pending version
	 */
	record PendingVersion(String id, SecretsSnapshot snapshot) {

	}

}
