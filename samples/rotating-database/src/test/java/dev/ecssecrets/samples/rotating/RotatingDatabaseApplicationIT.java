package dev.ecssecrets.samples.rotating;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.Test;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class RotatingDatabaseApplicationIT {

	@Test
	void countsVisits() throws Exception {
		try (PostgreSql server = PostgreSql.start();
				ConfigurableApplicationContext application = new RotatingDatabase(server, LocalStack.get(),
						"rotating-database")
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
