// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.migrating;

import java.util.List;
import java.util.Map;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.WireMock;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import dev.ecssecrets.localstack.LocalStack;

/**
 * LocalStack behind a proxy that tells which actions are called, and can deny them.
 */
final class Aws implements AutoCloseable {

	private static final Map<String, String> SERVICES = Map.of("AmazonSSM", "ssm", "secretsmanager", "secretsmanager");

	private final WireMockServer proxy = new WireMockServer(WireMockConfiguration.options().dynamicPort());

	Aws(LocalStack localStack) {
		this.proxy.start();
		this.proxy.stubFor(WireMock.any(WireMock.anyUrl())
			.willReturn(WireMock.aResponse().proxiedFrom(localStack.endpoint().toString())));
	}

	String endpoint() {
		return this.proxy.baseUrl();
	}

	/**
	 * Denies an action, as IAM does.
	 * @param target the action as the AWS protocol names it
	 */
	void deny(String target) {
		this.proxy.stubFor(WireMock.post(WireMock.anyUrl())
			.withHeader("X-Amz-Target", WireMock.equalTo(target))
			.willReturn(WireMock.jsonResponse("{\"__type\":\"AccessDeniedException\",\"Message\":\"not authorized\"}",
					400)));
	}

	/**
	 * Returns the actions that were called.
	 * @return the actions as IAM policies name them, sorted
	 */
	List<String> actions() {
		return this.proxy.getAllServeEvents()
			.stream()
			.map((event) -> event.getRequest().getHeader("X-Amz-Target").split("\\."))
			.map((target) -> SERVICES.get(target[0]) + ":" + target[1])
			.sorted()
			.toList();
	}

	@Override
	public void close() {
		this.proxy.stop();
	}

}
