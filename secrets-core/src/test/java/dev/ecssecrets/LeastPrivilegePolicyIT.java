// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that IAM accepts the documents of {@link LeastPrivilegePolicy}.
 */
class LeastPrivilegePolicyIT {

	@ParameterizedTest
	@MethodSource("dev.ecssecrets.LeastPrivilegePolicyTests#policies")
	void jsonIsAcceptedByIam(String name, LeastPrivilegePolicy policy) throws Exception {
		if (name.equals("none")) {
			assertThat(createPolicy(policy.json())).contains("MalformedPolicyDocument");
		}
		else {
			assertThat(createPolicy(policy.json())).contains("<PolicyId>").doesNotContain("Error");
		}
	}

	/**
	 * Calls IAM of a LocalStack, which checks neither signatures nor credentials.
	 */
	private static String createPolicy(String json) throws Exception {
		LocalStack aws = LocalStack.get();
		String form = "Action=CreatePolicy&Version=2010-05-08&PolicyName=" + UUID.randomUUID() + "&PolicyDocument="
				+ URLEncoder.encode(json, StandardCharsets.UTF_8);
		HttpRequest request = HttpRequest.newBuilder(URI.create(aws.endpoint() + "/"))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.header("Authorization",
					"AWS4-HMAC-SHA256 Credential=" + aws.accessKeyId()
							+ "/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0")
			.POST(BodyPublishers.ofString(form))
			.build();
		HttpResponse<String> response = HttpClient.newBuilder()
			.version(HttpClient.Version.HTTP_1_1)
			.build()
			.send(request, BodyHandlers.ofString());
		return response.body();
	}

}
