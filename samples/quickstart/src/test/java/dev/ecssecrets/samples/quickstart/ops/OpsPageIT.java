// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart.ops;

import java.io.IOException;
import java.net.CookieManager;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class OpsPageIT {

	private final HttpClient browser = HttpClient.newBuilder()
		.cookieHandler(new CookieManager())
		.followRedirects(Redirect.NORMAL)
		.build();

	@TempDir
	private Path folder;

	private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return this.browser.send(request.build(), BodyHandlers.ofString());
	}

	@Nested
	class WithProfile {

		private RunningQuickstart quickstart;

		@BeforeEach
		void start() throws IOException {
			this.quickstart = RunningQuickstart.start(OpsPageIT.this.folder, "ops");
		}

		@AfterEach
		void stop() {
			this.quickstart.close();
		}

		@Test
		void showsNamesSourcesAndAges() throws Exception {
			String page = show();
			for (String name : new String[] { "HAMADA_SECRETS", "GREETING_SIGNING_KEY" }) {
				assertThat(row(page, name)).contains(OpsPageIT.this.folder.resolve("secrets.local.json").toString())
					.containsPattern("<time datetime=\"[0-9T:-]+Z\">(now|\\d+ seconds? ago)</time>");
			}
			assertThat(row(page, "HAMADA_SECRETS")).contains("<small>hamako-favorite-word</small>");
			assertThat(page)
				.containsPattern("The last load of all: <time datetime=\"[0-9T:-]+Z\">[^<]+</time>, 1 call, \\d+ ms")
				.containsPattern("The next refresh is <time datetime=\"[0-9T:-]+Z\">in \\d+ [a-z]+</time>")
				.doesNotContain("role=\"status\"");
		}

		@Test
		void refreshReportsChangesOnce() throws Exception {
			show();
			this.quickstart.replace("wassyoi", "a changed word");
			assertThat(refresh()).contains("<p>Changed: HAMADA_SECRETS</p>").doesNotContain("a changed word");
			assertThat(show()).doesNotContain("role=\"status\"");
		}

		@Test
		void refreshWhenNothingHasChangedSaysSo() throws Exception {
			assertThat(refresh()).contains("<p>No value has changed.</p>");
		}

		@Test
		void refreshWhenItFailsReportsNameAndReason() throws Exception {
			this.quickstart.replace("hamako-favorite-word", "another-word");
			String failed = refresh();
			assertThat(failed).contains("<p>The refresh failed. All secrets keep their values.</p>")
				.contains("<p><strong>HAMADA_SECRETS</strong>: not found <small>");
			assertThat(row(failed, "HAMADA_SECRETS")).containsPattern("<td>not found, <time [^>]+>[^<]+</time></td>");
			assertThat(row(failed, "GREETING_SIGNING_KEY")).endsWith("<td></td>");
			this.quickstart.replace("another-word", "hamako-favorite-word");
			this.quickstart.replace("wassyoi", "a changed word");
			assertThat(refresh()).contains("<p>Changed: HAMADA_SECRETS</p>").doesNotContain("The refresh failed");
		}

		@Test
		void escapesWhatFilesSay() throws Exception {
			this.quickstart.replace("signing-key", "<b>key</b>");
			assertThat(refresh()).contains("&lt;b&gt;key").doesNotContain("<b>");
		}

		@Test
		void showsNoValue() throws Exception {
			assertThat(show()).doesNotContain("wassyoi", "a key for laptops only");
			this.quickstart.replace("{ \"signing-key\": \"a key for laptops only\" }", "\"a key for laptops only\"");
			assertThat(refresh()).contains("GREETING_SIGNING_KEY</strong>: not a JSON object")
				.doesNotContain("wassyoi", "a key for laptops only");
		}

		@Test
		void isNeitherStoredNorFramedNorAbleToLoadAnything() throws Exception {
			HttpResponse<String> response = send(HttpRequest.newBuilder(this.quickstart.address("/ops")));
			assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
			assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
				.contains("default-src 'none'", "frame-ancestors 'none'");
		}

		@Test
		void sessionIsInCookieOfThisSiteAlone() throws Exception {
			HttpResponse<String> response = HttpClient.newHttpClient()
				.send(HttpRequest.newBuilder(this.quickstart.address("/ops")).POST(BodyPublishers.noBody()).build(),
						BodyHandlers.ofString());
			assertThat(response.headers().firstValue("Location").orElseThrow()).endsWith("/ops");
			assertThat(response.headers().firstValue("Set-Cookie").orElseThrow()).contains("HttpOnly",
					"SameSite=Strict");
		}

		@Test
		void exposesEndpointBesideHealth() throws Exception {
			assertThat(send(HttpRequest.newBuilder(this.quickstart.address("/actuator/ecssecrets"))).body())
				.contains("HAMADA_SECRETS");
			assertThat(send(HttpRequest.newBuilder(this.quickstart.address("/actuator/health"))).statusCode())
				.isEqualTo(200);
		}

		private String show() throws Exception {
			HttpResponse<String> response = send(HttpRequest.newBuilder(this.quickstart.address("/ops")));
			assertThat(response.statusCode()).isEqualTo(200);
			return response.body();
		}

		private String refresh() throws Exception {
			HttpResponse<String> response = send(
					HttpRequest.newBuilder(this.quickstart.address("/ops")).POST(BodyPublishers.noBody()));
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(response.request().method()).isEqualTo("GET");
			return response.body();
		}

		private static String row(String page, String name) {
			int start = page.indexOf("<th scope=\"row\">" + name);
			assertThat(start).as(name).isPositive();
			return page.substring(start, page.indexOf("</tr>", start)).strip();
		}

	}

	@Test
	void quickstartWhenThereIsNoProfileHasNoPageAndNoEndpoint() throws Exception {
		try (RunningQuickstart quickstart = RunningQuickstart.start(this.folder)) {
			for (String path : new String[] { "/ops", "/actuator/ecssecrets" }) {
				assertThat(send(HttpRequest.newBuilder(quickstart.address(path))).statusCode()).as(path).isEqualTo(404);
			}
			assertThat(send(HttpRequest.newBuilder(quickstart.address("/"))).body()).contains("Hello, wassyoi!");
		}
	}

}
