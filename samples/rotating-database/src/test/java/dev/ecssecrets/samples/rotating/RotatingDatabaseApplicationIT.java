// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

import dev.ecssecrets.servers.DatabaseServer.Engine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class RotatingDatabaseApplicationIT {

	@ParameterizedTest
	@EnumSource
	void countsVisits(Engine engine) throws Exception {
		try (ConfigurableApplicationContext application = new RotatingDatabase(engine, "rotating-database")
			.runApplication("--server.port=0")) {
			HttpRequest request = HttpRequest
				.newBuilder(
						URI.create("http://localhost:" + application.getEnvironment().getProperty("local.server.port")))
				.build();
			HttpClient client = HttpClient.newHttpClient();
			client.send(request, BodyHandlers.discarding());
			assertThat(client.send(request, BodyHandlers.ofString()).body())
				.isEqualTo("{\"databaseUser\":\"rotating-database\",\"visits\":2}");
		}
	}

}
