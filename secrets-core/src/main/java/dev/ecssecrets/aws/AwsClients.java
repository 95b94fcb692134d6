// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.time.Duration;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

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

	private @Nullable SdkApi sdk;

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
		return (endpoint != null) ? this.direct.at(endpoint) : open(service, region);
	}

	/**
	 * Builds a client, which takes a while in a cold JVM. A fetch that is interrupted or
	 * out of time does not wait for it, and has then closed only the clients that were
	 * there.
	 */
	private AwsApi open(AwsService service, String region) {
		SdkApi sdk = sdk(region);
		URI endpoint = sdk.open(service, region);
		if (endpoint != null) {
			this.settings.endpoints().checkFound(endpoint, service);
		}
		if (this.closed) {
			sdk.close();
			throw new IllegalStateException("The fetch has ended");
		}
		return sdk;
	}

	private synchronized SdkApi sdk(String region) {
		if (this.sdk == null) {
			Duration left = Duration.ofMillis(Math.max(this.deadline.millisLeft(), 1));
			this.sdk = new SdkApi(this.settings.sdkClients(region, this.credentials, left), this.credentials,
					this.answers);
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
