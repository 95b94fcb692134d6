// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import com.github.tomakehurst.wiremock.extension.ResponseDefinitionTransformerV2;
import com.github.tomakehurst.wiremock.http.ResponseDefinition;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import dev.ecssecrets.Arn;
import dev.ecssecrets.SecretReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;

/**
 * Stub of both services, which answers once all expected calls have arrived.
 */
final class ServicesStub implements ResponseDefinitionTransformerV2 {

	private static final JsonMapper JSON = new JsonMapper();

	private volatile CountDownLatch arrivals = new CountDownLatch(0);

	private volatile String account = "123456789012";

	void reset() {
		expectCallsAtOnce(0);
		setAccount("123456789012");
	}

	/**
	 * Sets the number of calls that must arrive before any of them is answered.
	 */
	void expectCallsAtOnce(int calls) {
		this.arrivals = new CountDownLatch(calls);
	}

	/**
	 * Sets the account in the ARNs of parameters.
	 */
	void setAccount(String account) {
		this.account = account;
	}

	@Override
	public ResponseDefinition transform(ServeEvent event) {
		try {
			this.arrivals.countDown();
			if (!this.arrivals.await(30, TimeUnit.SECONDS)) {
				return jsonResponse("{\"__type\":\"NotAllAtOnce\"}", 400).build();
			}
			JsonNode body = JSON.readTree(event.getRequest().getBody());
			return jsonResponse((body.has("Names") ? parameters(body) : secret(body)).toString(), 200).build();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private ObjectNode parameters(JsonNode body) {
		ObjectNode response = JSON.createObjectNode();
		ArrayNode parameters = response.putArray("Parameters");
		for (JsonNode id : body.get("Names")) {
			Arn arn = SecretReference.parse(id.stringValue()).location().arn();
			String name = id.stringValue().replaceFirst(".*:parameter/", "");
			parameters.addObject()
				.put("Name", name)
				.put("ARN",
						"arn:aws:ssm:" + ((arn != null) ? arn.region() : "eu-central-1") + ":" + this.account
								+ ":parameter/" + name.replaceFirst("^/", ""))
				.put("Value", "value of " + id.stringValue());
		}
		return response;
	}

	private static ObjectNode secret(JsonNode body) {
		return JSON.createObjectNode().put("SecretString", "value of " + body.get("SecretId").stringValue());
	}

	@Override
	public boolean applyGlobally() {
		return false;
	}

	@Override
	public String getName() {
		return "services";
	}

}
