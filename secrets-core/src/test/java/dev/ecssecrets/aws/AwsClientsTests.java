// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link AwsClients}.
 */
class AwsClientsTests {

	/**
	 * The SDK's clients have threads, which nobody would end.
	 */
	@Test
	void apiWhenFetchHasEndedLeavesNoClientOfTheSdk() {
		AwsOptions options = AwsSecretStore.builder().endpoint(URI.create("http://localhost/path")).options();
		AwsClients clients = new AwsClients(new AwsSettings(options, Map.of(), Map.of()),
				() -> new AwsCredentials("id", "secret", null, null), Deadline.after(Duration.ofMinutes(1)));
		clients.close();
		assertThatIllegalStateException().isThrownBy(() -> clients.api(AwsService.PARAMETER_STORE, "eu-west-1"))
			.withMessage("The fetch has ended");
	}

}
