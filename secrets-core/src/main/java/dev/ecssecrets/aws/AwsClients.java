package dev.ecssecrets.aws;

import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/**
 * Clients of one fetch: the direct client where an endpoint permits it, and the SDK's
 * clients, created on first use, elsewhere.
 */
final class AwsClients implements AutoCloseable {

	private final AwsSettings settings;

	private final Supplier<AwsCredentials> credentials;

	private final Deadline deadline;

	private final AnswerReader answers;

	private final DirectClient direct;

	private @Nullable SdkClients sdk;

	private volatile boolean closed;

	AwsClients(AwsSettings settings, Supplier<AwsCredentials> credentials, Deadline deadline) {
		this.settings = settings;
		this.credentials = credentials;
		this.deadline = deadline;
		this.answers = new AnswerReader(credentials);
		this.direct = new DirectClient(credentials, this.answers);
	}

	/**
	 * Returns the API of a service in a region.
	 * @throws RuntimeException if the configuration is invalid, or if the fetch ended
	 * while the client was being built
	 */
	AwsApi api(AwsService service, String region) {
		URI endpoint = this.settings.endpoints().direct(service, region);
		return (endpoint != null) ? this.direct.at(endpoint) : prepare(sdk(), service, region);
	}

	/**
	 * Builds a client, which takes a while in a cold JVM. A fetch that is interrupted or
	 * out of time does not wait for it, and has then closed only the clients that were
	 * there.
	 */
	private AwsApi prepare(SdkClients sdk, AwsService service, String region) {
		AwsApi api = sdk.prepare(service, region);
		if (this.closed) {
			sdk.close();
			throw new IllegalStateException("The fetch has ended");
		}
		return api;
	}

	private synchronized SdkClients sdk() {
		if (this.sdk == null) {
			this.sdk = new SdkClients(this.settings, this.credentials, this.answers,
					Duration.ofMillis(Math.max(this.deadline.millisLeft(), 1)));
		}
		return this.sdk;
	}

	@Override
	public synchronized void close() {
		this.closed = true;
		// On a thread of its own: a reader in progress may hold the lock that
		// disconnecting takes.
		new FetchThread(this.direct::close).start();
		if (this.sdk != null) {
			this.sdk.close();
		}
	}

}
