// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import dev.ecssecrets.boot.ClientCredentials.Pair;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Logins of one client that follows its secrets. A refused login is tried with other
 * credentials, and reported if there are none. Without it, most clients report no refused
 * login, and wait longer after each one.
 * <p>
 * May be used by any number of threads.
 *
 * @param <F> the type of the failures of the client
 * @since 0.1.0
 */
public final class ClientLogins<F extends Throwable> {

	private static final Log logger = LogFactory.getLog(ClientLogins.class);

	// Another snapshot, a pending version, and what a load brings.
	private static final int TRIES = 4;

	private final String server;

	private final Supplier<String> client;

	private final ClientCredentials credentials;

	private final Supplier<Pair> current;

	private final Failures<F> failures;

	// The last one since a login was accepted.
	private volatile @Nullable Refused<F> last;

	/**
	 * Creates the logins of a client.
	 * @param server what the log calls the server, such as {@code The database}
	 * @param client what the log calls the client
	 * @param credentials the credentials of the client
	 * @param current returns the current ones of them
	 * @param failures knows the failures of the client
	 */
	public ClientLogins(String server, Supplier<String> client, ClientCredentials credentials, Supplier<Pair> current,
			Failures<F> failures) {
		this.server = server;
		this.client = client;
		this.credentials = credentials;
		this.current = current;
		this.failures = failures;
	}

	/**
	 * Begins to log in with the current credentials.
	 * @param atMost how long a refused login may wait for other credentials
	 * @return the attempt
	 */
	public Attempt attempt(Duration atMost) {
		return attempt(this.current.get(), atMost);
	}

	/**
	 * Begins to log in.
	 * @param first the credentials to begin with
	 * @param atMost how long a refused login may wait for other credentials
	 * @return the attempt
	 */
	public Attempt attempt(Pair first, Duration atMost) {
		return new Attempt(first, atMost);
	}

	/**
	 * Attempt to log in: as long as {@link #next()} returns a pair, the client tries it,
	 * and reports what came of it. An attempt is used by one thread at a time.
	 */
	public final class Attempt {

		private final long deadline;

		private final @Nullable Refused<F> before = ClientLogins.this.last;

		private @Nullable Refused<F> refused = this.before;

		private Pair pair;

		private boolean barred;

		private int tries;

		private Attempt(Pair first, Duration atMost) {
			this.deadline = System.nanoTime() + atMost.toNanos();
			this.pair = first;
		}

		/**
		 * Returns the pair to log in with. After a refused login, it loads secrets, and
		 * waits for them.
		 * @return the pair, or {@code null} if there is none but those that were refused:
		 * then the attempt has {@linkplain #failure() failed}
		 */
		public @Nullable Pair next() {
			while (this.tries < TRIES) {
				if (this.barred) {
					Pair other = instead();
					if (other == null) {
						return null;
					}
					this.pair = other;
				}
				this.tries++;
				this.barred = !ClientLogins.this.credentials.mayTry(this.pair) && this.refused != null;
				if (!this.barred) {
					return this.pair;
				}
			}
			return null;
		}

		/**
		 * Returns the pair to log in with as {@link #next()} does, for clients that must
		 * not wait. After a refused login, a thread of its own waits.
		 * @return completes with the pair, or with {@code null} if there is none but
		 * those that were refused: then the attempt has {@linkplain #failure() failed}
		 */
		public CompletableFuture<@Nullable Pair> nextWithoutWaiting() {
			if (this.refused == null) {
				return CompletableFuture.completedFuture(next());
			}
			return CompletableFuture.supplyAsync(this::next, (task) -> {
				// Others that are shared may be full of those that wait for this login.
				Thread thread = new Thread(task, "ecs-secrets-login");
				thread.setDaemon(true);
				thread.start();
			});
		}

		/**
		 * Returns another pair. Only a wrong password is worth a call.
		 */
		private @Nullable Pair instead() {
			boolean wrong = this.refused != null && this.refused.kind() == LoginRefusal.WRONG_PASSWORD;
			long left = wrong ? Math.max(this.deadline - System.nanoTime(), 0) : 0;
			return ClientLogins.this.credentials.instead(this.pair, wrong, Duration.ofNanos(left));
		}

		/**
		 * Notes that the server has accepted the login.
		 * @return whether the pair is still the current one. If not, the client ends the
		 * session and asks for the {@linkplain #next() next} pair: those that outdate its
		 * sessions may not know this one yet
		 */
		public boolean accepted() {
			ClientLogins.this.credentials.accepted(this.pair);
			Pair current = ClientLogins.this.current.get();
			boolean settled = current.equals(this.pair);
			if (settled) {
				reportAccepted(this.before, this.refused);
			}
			this.pair = current;
			return settled;
		}

		/**
		 * Notes that there is no session.
		 * @param failure the reason
		 * @return whether the server has refused the login: then the client asks for the
		 * {@linkplain #next() next} pair. After any other failure, the attempt is over
		 */
		public boolean refused(F failure) {
			LoginRefusal kind = ClientLogins.this.failures.refusal(failure);
			if (kind == null) {
				return false;
			}
			this.refused = new Refused<>(kind, failure);
			this.barred = true;
			if (kind == LoginRefusal.WRONG_PASSWORD) {
				ClientLogins.this.credentials.refused(this.pair);
			}
			else if (kind == LoginRefusal.LOCKED) {
				ClientLogins.this.credentials.locked(this.pair);
			}
			if (kind != LoginRefusal.OTHER) {
				ClientLogins.this.last = this.refused;
			}
			return true;
		}

		/**
		 * Returns why the attempt has failed, and logs the first refusal.
		 * @return the failure for the client's caller
		 */
		public F failure() {
			if (this.refused == null) {
				return ClientLogins.this.failures.unsettled("The credentials change faster than a login takes");
			}
			boolean first = this.before == null || this.before.kind() != this.refused.kind();
			return reported(this.refused, first);
		}

	}

	private F reported(Refused<F> refused, boolean first) {
		if (first && refused.kind() == LoginRefusal.LOCKED) {
			logger.error(login("has locked the account of") + ". Unlock it. It is tried again when the secret "
					+ "changes, and once after 1, 5 and 10 minutes");
		}
		F failure = refused.failure();
		if (refused.kind() != LoginRefusal.WRONG_PASSWORD) {
			return failure;
		}
		if (first) {
			logger.warn(login("refused the login of") + ", and the secrets had no other value. They may be rotating, "
					+ "and are loaded again until they change"
					+ (this.credentials.triesPending() ? ""
							: ". To log in with the version that is pending meanwhile, set "
									+ "ecs-secrets.refresh.pending to true"));
		}
		return this.failures.wrongPassword(failure,
				StringUtils.trimTrailingCharacter(
						Objects.requireNonNullElse(failure.getMessage(), "The login was refused"), '.')
						+ ". The secret may be rotating: it had no other value until "
						+ Instant.now().truncatedTo(ChronoUnit.SECONDS));
	}

	private String login(String what) {
		return this.server + " " + what + " " + this.client.get() + " (" + this.credentials + ")";
	}

	private void reportAccepted(@Nullable Refused<F> before, @Nullable Refused<F> refused) {
		boolean first = this.last != null;
		this.last = null;
		if (refused != null && this.credentials.isPending()) {
			logger.info(this.server + " refused the current password of " + this.client.get()
					+ ", and accepts the one of the pending version");
		}
		else if (before != null && first) {
			logger.info(this.server + " accepts the login of " + this.client.get() + " again");
		}
	}

	/**
	 * Refused login.
	 *
	 * @param <F> the type of the failure
	 * @param kind how it was refused
	 * @param failure the failure of the client
	 */
	private record Refused<F extends Throwable>(LoginRefusal kind, F failure) {

	}

	/**
	 * Failures of a client.
	 *
	 * @param <F> their type
	 */
	public interface Failures<F extends Throwable> {

		/**
		 * Returns how a server refused a login.
		 * @param failure why there is no session
		 * @return the kind of refusal, or {@code null} if no login was refused
		 */
		@Nullable LoginRefusal refusal(F failure);

		/**
		 * Returns a failure for a user or a password that was refused, and for which
		 * there was no other.
		 * @param refusal the failure of the client
		 * @param message a message that says so
		 * @return the failure
		 */
		F wrongPassword(F refusal, String message);

		/**
		 * Returns a failure for credentials that changed again and again.
		 * @param message a message that says so
		 * @return the failure
		 */
		F unsettled(String message);

	}

}
