// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.aws.AwsSdk.Clients;
import org.jspecify.annotations.Nullable;

/**
 * API that is called by clients of the SDK.
 */
final class SdkApi implements AwsApi, AutoCloseable {

	private final Clients clients;

	private final Supplier<AwsCredentials> credentials;

	private final AnswerReader answers;

	/**
	 * Creates an API for one fetch.
	 * @param clients the clients, which it closes
	 * @param credentials returns the credentials
	 * @param answers reads the answers
	 */
	SdkApi(Clients clients, Supplier<AwsCredentials> credentials, AnswerReader answers) {
		this.clients = clients;
		this.credentials = credentials;
		this.answers = answers;
	}

	/**
	 * Builds the client of a service, unless it exists.
	 * @param service the service
	 * @param region the region of the service
	 * @return the endpoint that the SDK found in its configuration, or {@code null}
	 * @throws RuntimeException if the configuration is invalid
	 */
	@Nullable URI open(AwsService service, String region) {
		return this.clients.open(service.id, region);
	}

	@Override
	public FoundParameters getParameters(String region, List<String> ids, Duration timeout) {
		return call(timeout, (exchange) -> this.clients.getParameters(region, ids, timeout, exchange)).parameters();
	}

	@Override
	public FoundSecret getSecretValue(SecretsManagerSecret secret, Duration timeout) {
		return call(timeout, (exchange) -> this.clients.getSecretValue(secret.arn().region(), secret.id(),
				secret.versionStage(), secret.versionId(), timeout, exchange))
			.secret();
	}

	private AwsAnswer call(Duration timeout, Call call) {
		Exchange exchange = new Exchange(this.answers, Deadline.after(timeout));
		try {
			call.execute(exchange);
		}
		catch (IOException ex) {
			throw AwsException.noAnswer(ex, exchange.deadline);
		}
		catch (IllegalStateException ex) {
			throw exchange.deadline.hasPassed() ? AwsException.timedOut()
					: new AwsException(Reason.REFUSED, Objects.requireNonNullElse(ex.getMessage(), "no answer"));
		}
		return Objects.requireNonNull(exchange.answer);
	}

	@Override
	public @Nullable String accountId() {
		return this.credentials.get().accountId();
	}

	@Override
	public void close() {
		this.clients.close();
	}

	private interface Call {

		void execute(Exchange exchange) throws IOException;

	}

	/**
	 * Deadline of a call, and the answer to its last attempt.
	 */
	private static final class Exchange implements AwsSdk.Reader {

		private final AnswerReader answers;

		private final Deadline deadline;

		private @Nullable AwsAnswer answer;

		Exchange(AnswerReader answers, Deadline deadline) {
			this.answers = answers;
			this.deadline = deadline;
		}

		@Override
		public String read(int status, Function<String, @Nullable String> header, @Nullable InputStream body)
				throws IOException {
			this.answer = this.answers.read(status, header, body, this.deadline);
			return this.answer.forSdk();
		}

	}

}
