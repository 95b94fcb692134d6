// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import dev.ecssecrets.LeastPrivilegePolicy;
import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.boot.SecretStatus;
import dev.ecssecrets.boot.SecretStatus.Failure;
import dev.ecssecrets.boot.SecretStatus.State;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsSnapshot;
import dev.ecssecrets.boot.SecretsSnapshot.Load;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Endpoint that reports the declared secrets, and refreshes them. No answer contains a
 * value, or anything that is derived from one.
 */
@Endpoint(id = "ecssecrets")
final class SecretsEndpoint {

	private static final String INJECTED = "injected";

	private static final String OVERRIDDEN = "overridden";

	private static final String POLICY = "policy";

	private static final String STOPPING = "The application stops";

	private final Secrets secrets;

	private final RefreshRequests requests;

	SecretsEndpoint(Secrets secrets, RefreshRequests requests) {
		this.secrets = secrets;
		this.requests = requests;
	}

	@ReadOperation
	public SecretsDescriptor secrets() {
		SecretsSnapshot snapshot = this.secrets.current();
		Load load = snapshot.lastLoad();
		Duration timeToNext = this.secrets.timeToNextRefresh();
		return new SecretsDescriptor(snapshot.secrets().stream().map(SecretDescriptor::of).toList(),
				(load != null) ? ResolutionDescriptor.of(load) : null,
				(timeToNext != null) ? Instant.now().plus(timeToNext) : null);
	}

	/**
	 * Returns a document about the declared secrets, or {@code null} if there is none of
	 * this name.
	 * @param document {@code policy} for the IAM policy that allows to fetch them, and
	 * nothing else
	 * @param decrypt whether customer managed keys of KMS encrypt the values
	 * @param pending {@code false} for a policy without requests for the version that a
	 * rotation prepares
	 */
	@ReadOperation(produces = "application/json")
	public @Nullable String document(@Selector String document, @Nullable Boolean decrypt, @Nullable Boolean pending) {
		if (!document.equals(POLICY)) {
			return null;
		}
		LeastPrivilegePolicy policy = LeastPrivilegePolicy.of(this.secrets.current().declarations());
		if (Boolean.TRUE.equals(decrypt)) {
			policy = policy.withDecryption();
		}
		if (Boolean.FALSE.equals(pending)) {
			policy = policy.withoutPending();
		}
		return policy.json();
	}

	/**
	 * Refreshes the secrets, and returns what has changed, what has failed, or why there
	 * was no refresh. If too many requests wait already, or the application stops, it
	 * returns at once.
	 */
	@WriteOperation
	public RefreshDescriptor refresh() {
		return switch (this.requests.enter()) {
			case FULL -> RefreshDescriptor.refused(secondsToRefresh());
			case STOPPED -> RefreshDescriptor.failed(STOPPING);
			case ENTERED -> {
				try {
					yield refreshAndWait();
				}
				finally {
					this.requests.leave();
				}
			}
		};
	}

	private RefreshDescriptor refreshAndWait() {
		try {
			return RefreshDescriptor.changed(this.secrets.refresh());
		}
		catch (SecretResolutionException ex) {
			return RefreshDescriptor.failed(ex.failures());
		}
		catch (CancellationException ex) {
			return RefreshDescriptor.failed(STOPPING);
		}
		catch (RuntimeException ex) {
			if (ex.getCause() instanceof TimeoutException) {
				return RefreshDescriptor.failed("The secrets were not loaded in time");
			}
			// Web servers log the message, which may quote a value.
			IllegalStateException withheld = new IllegalStateException(
					"Secrets cannot be refreshed: " + ex.getClass().getName());
			withheld.setStackTrace(ex.getStackTrace());
			throw withheld;
		}
	}

	/**
	 * Returns when a load could be done that begins as soon as it may, if it takes as
	 * long as the last one.
	 */
	private long secondsToRefresh() {
		SecretsSnapshot snapshot = this.secrets.current();
		Load last = snapshot.lastLoad();
		Duration time = snapshot.timeToNextLoad().plus((last != null) ? last.elapsed() : Duration.ZERO);
		return time.toSeconds() + 1;
	}

	/**
	 * Description of the declared secrets.
	 *
	 * @param secrets the secrets in the order of their declarations
	 * @param lastResolution the last load, which may have failed, or {@code null} if
	 * there was none
	 * @param nextRefresh when the next refresh begins, or {@code null} if none is planned
	 */
	public record SecretsDescriptor(List<SecretDescriptor> secrets, @Nullable ResolutionDescriptor lastResolution,
			@Nullable Instant nextRefresh) implements OperationResponseBody {

	}

	/**
	 * Description of one declared secret.
	 *
	 * @param name the name of the environment variable
	 * @param origin where it is declared, such as a line of a file, or {@code null} if
	 * that is not known
	 * @param valueFrom where the value is, as written: with placeholders, not with what
	 * replaced them
	 * @param source where the value comes from: {@code injected}, {@code overridden}, or
	 * the name of a store; {@code null} if there is no value, as the secret is optional
	 * @param version the version of a fetched value, if the store has versions
	 * @param versionStages the staging labels that the version had when it was fetched
	 * @param fetched when the value was fetched, or {@code null} if it was not
	 * @param changed when the running application last got another value, or {@code null}
	 * if it has the one that it started with
	 * @param lastFailure the last failure to fetch it, which may be over, or {@code null}
	 * if there was none
	 */
	public record SecretDescriptor(String name, @Nullable String origin, String valueFrom, @Nullable String source,
			@Nullable String version, List<String> versionStages, @Nullable Instant fetched, @Nullable Instant changed,
			@Nullable FailureDescriptor lastFailure) {

		static SecretDescriptor of(SecretStatus secret) {
			SecretDeclaration declaration = secret.declaration();
			SecretSource source = secret.source();
			Failure failure = secret.lastFailure();
			String origin = declaration.origin();
			return new SecretDescriptor(PrintableText.of(declaration.name()),
					(origin != null) ? PrintableText.of(origin) : null,
					PrintableText.of(declaration.writtenValueFrom()),
					(source != null) ? source.name() : source(secret.state()),
					(source != null) ? source.version() : null, (source != null) ? source.versionStages() : List.of(),
					(source != null) ? source.fetched() : null, secret.changed(),
					(failure != null) ? FailureDescriptor.of(failure.failure(), failure.at()) : null);
		}

		private static @Nullable String source(State state) {
			return (state == State.INJECTED) ? INJECTED : (state == State.OVERRIDDEN) ? OVERRIDDEN : null;
		}

	}

	/**
	 * Description of a failure to fetch a secret.
	 *
	 * @param reason the kind, which is a heading of the troubleshooting documentation
	 * @param detail what happened
	 * @param at when the load ended that failed
	 */
	public record FailureDescriptor(String reason, String detail, Instant at) {

		static FailureDescriptor of(SecretFailure failure, Instant at) {
			return new FailureDescriptor(failure.reason().title(), failure.detail(), at);
		}

	}

	/**
	 * Description of a load of all secrets.
	 *
	 * @param at when it ended
	 * @param calls how many calls of stores it took
	 * @param milliseconds how long it took
	 * @param successful whether nothing failed; otherwise the application keeps the
	 * values that it had
	 */
	public record ResolutionDescriptor(Instant at, int calls, long milliseconds, boolean successful) {

		static ResolutionDescriptor of(Load load) {
			return new ResolutionDescriptor(load.end(), load.calls().size(), load.elapsed().toMillis(),
					load.successful());
		}

	}

	/**
	 * Description of the result of a refresh.
	 *
	 * @param changed the names of the secrets that have changed, appeared or vanished, in
	 * alphabetical order
	 * @param failures the failures by the names of secrets; if there are any, nothing has
	 * changed
	 * @param error why there was no refresh, or {@code null} if there was one
	 * @param retryAfterSeconds after which time to request a refresh again, at least one
	 * second, or {@code null} unless too many requests wait
	 */
	public record RefreshDescriptor(Set<String> changed, Map<String, FailureDescriptor> failures,
			@Nullable String error, @Nullable Long retryAfterSeconds) implements OperationResponseBody {

		static RefreshDescriptor changed(Set<String> names) {
			Set<String> printable = new TreeSet<>();
			names.forEach((name) -> printable.add(PrintableText.of(name)));
			return new RefreshDescriptor(printable, Map.of(), null, null);
		}

		static RefreshDescriptor failed(List<SecretFailure> failures) {
			Instant now = Instant.now();
			Map<String, FailureDescriptor> bySubject = new LinkedHashMap<>();
			failures.forEach((failure) -> bySubject.put(PrintableText.of(failure.subject()),
					FailureDescriptor.of(failure, now)));
			return new RefreshDescriptor(Set.of(), bySubject, null, null);
		}

		static RefreshDescriptor failed(String error) {
			return new RefreshDescriptor(Set.of(), Map.of(), error, null);
		}

		static RefreshDescriptor refused(long retryAfterSeconds) {
			return new RefreshDescriptor(Set.of(), Map.of(),
					RefreshRequests.MOST + " requests already wait for a refresh", retryAfterSeconds);
		}

		/**
		 * Whether the secrets were refreshed.
		 */
		boolean isDone() {
			return this.failures.isEmpty() && this.error == null;
		}

	}

}
