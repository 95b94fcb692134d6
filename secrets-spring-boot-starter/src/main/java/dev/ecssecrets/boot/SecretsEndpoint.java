package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;

import dev.ecssecrets.LeastPrivilegePolicy;
import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.boot.SecretsHistory.Failure;
import dev.ecssecrets.boot.SecretsHistory.Load;
import dev.ecssecrets.boot.SecretsHistory.Secret;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Tells what became of the declared secrets, and refreshes them. No value is in any
 * answer, nor anything that is made of one. It may be used by any number of threads.
 */
@Endpoint(id = "ecssecrets")
public final class SecretsEndpoint {

	private static final String INJECTED = "injected";

	private static final String POLICY = "policy";

	private final SecretsRefresher refresher;

	SecretsEndpoint(SecretsRefresher refresher) {
		this.refresher = refresher;
	}

	/**
	 * Returns the declared secrets, and how they were last fetched.
	 * @return all there is to know but the values
	 */
	@ReadOperation
	public SecretsDescriptor secrets() {
		SecretsHistory history = this.refresher.history();
		Load load = history.lastLoad();
		Duration timeToNext = this.refresher.schedule().timeToNext();
		return new SecretsDescriptor(history.secrets().stream().map(SecretDescriptor::of).toList(),
				(load != null) ? ResolutionDescriptor.of(load) : null,
				(timeToNext != null) ? Instant.now().plus(timeToNext) : null);
	}

	/**
	 * Returns a document about the declared secrets.
	 * @param document {@code policy} for the IAM policy that lets a role fetch them, and
	 * nothing else
	 * @param decrypt whether the policy is for values that customer managed keys of KMS
	 * encrypt; {@code null} if it is not
	 * @return the JSON, or {@code null} if there is no such document
	 */
	@ReadOperation(produces = "application/json")
	public @Nullable String document(@Selector String document, @Nullable Boolean decrypt) {
		if (!document.equals(POLICY)) {
			return null;
		}
		List<SecretDeclaration> declared = this.refresher.history()
			.secrets()
			.stream()
			.map(Secret::declaration)
			.toList();
		return (Boolean.TRUE.equals(decrypt) ? LeastPrivilegePolicy.withDecryption(declared)
				: LeastPrivilegePolicy.of(declared))
			.json();
	}

	/**
	 * Refreshes the secrets, as {@link SecretsRefresher#refresh()} does.
	 * @return what has changed, or else what has failed; over the web the latter has the
	 * status 503
	 * @throws CancellationException if the application stops meanwhile
	 */
	@WriteOperation
	public RefreshDescriptor refresh() {
		try {
			Set<String> changed = new TreeSet<>();
			this.refresher.refresh().forEach((name) -> changed.add(PrintableText.of(name)));
			return new RefreshDescriptor(changed, Map.of());
		}
		catch (SecretResolutionException ex) {
			Map<String, FailureDescriptor> failures = new LinkedHashMap<>();
			Instant now = Instant.now();
			ex.failures()
				.forEach((failure) -> failures.put(PrintableText.of(failure.declaration().name()),
						FailureDescriptor.of(failure, now)));
			return new RefreshDescriptor(Set.of(), failures);
		}
		catch (CancellationException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			// Of a store of one's own: web servers log the message of what they are
			// thrown.
			throw WithheldException.of(ex);
		}
	}

	/**
	 * The declared secrets.
	 *
	 * @param secrets the secrets in the order of their declarations
	 * @param lastResolution how they were last fetched, whether that has failed or not;
	 * {@code null} if they never were
	 * @param nextRefresh when they are fetched again, or {@code null} if nothing is
	 * planned
	 */
	public record SecretsDescriptor(List<SecretDescriptor> secrets, @Nullable ResolutionDescriptor lastResolution,
			@Nullable Instant nextRefresh) implements OperationResponseBody {

	}

	/**
	 * A declared secret.
	 *
	 * @param name the name of the environment variable
	 * @param origin where it is declared, such as a line of a file; {@code null} if that
	 * is not known
	 * @param valueFrom where the value is, as written: with placeholders, not with what
	 * replaced them
	 * @param source where the value is from: {@code injected}, or the name of a store;
	 * {@code null} if there is no value, as it is optional
	 * @param version the version of a fetched value, where the store tells it
	 * @param versionStages the staging labels that the version had when it was fetched
	 * @param fetched when the value was fetched, or {@code null} if it was not
	 * @param changed when the running application last got another value, or {@code null}
	 * if it has the one that it started with
	 * @param lastFailure the last failure to fetch it, which may be over; {@code null} if
	 * there was none
	 */
	public record SecretDescriptor(String name, @Nullable String origin, String valueFrom, @Nullable String source,
			@Nullable String version, List<String> versionStages, @Nullable Instant fetched, @Nullable Instant changed,
			@Nullable FailureDescriptor lastFailure) {

		static SecretDescriptor of(Secret secret) {
			SecretDeclaration declaration = secret.declaration();
			SecretSource source = secret.source();
			Failure failure = secret.failure();
			String origin = declaration.origin();
			return new SecretDescriptor(PrintableText.of(declaration.name()),
					(origin != null) ? PrintableText.of(origin) : null,
					PrintableText.of(declaration.writtenValueFrom()),
					(source != null) ? source.name() : secret.injected() ? INJECTED : null,
					(source != null) ? source.version() : null, (source != null) ? source.versionStages() : List.of(),
					(source != null) ? source.fetched() : null, secret.changed(),
					(failure != null) ? FailureDescriptor.of(failure.failure(), failure.at()) : null);
		}

	}

	/**
	 * A failure to fetch a secret.
	 *
	 * @param reason the kind, a heading of {@code docs/troubleshooting.md}
	 * @param detail what happened
	 * @param at when
	 */
	public record FailureDescriptor(String reason, String detail, Instant at) {

		static FailureDescriptor of(SecretFailure failure, Instant at) {
			return new FailureDescriptor(failure.reason().toString(), failure.detail(), at);
		}

	}

	/**
	 * How all secrets were fetched.
	 *
	 * @param at when that had ended
	 * @param calls how many calls of stores it took
	 * @param milliseconds how long it took
	 * @param successful whether nothing has failed; where something has, the application
	 * has what it had
	 */
	public record ResolutionDescriptor(Instant at, int calls, long milliseconds, boolean successful) {

		static ResolutionDescriptor of(Load load) {
			return new ResolutionDescriptor(load.end(), load.calls().size(), load.elapsed().toMillis(),
					load.successful());
		}

	}

	/**
	 * What came of a refresh.
	 *
	 * @param changed the names of the secrets that have changed, appeared or vanished, in
	 * alphabetical order
	 * @param failures what has failed, by the names of secrets; if anything has, nothing
	 * has changed
	 */
	public record RefreshDescriptor(Set<String> changed,
			Map<String, FailureDescriptor> failures) implements OperationResponseBody {

	}

}
