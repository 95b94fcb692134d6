// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Property tests for {@link FileSecretStore} with any file.
 */
class FileSecretStorePropertyTests {

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	private static final Set<SecretLocation> LOCATIONS = Stream
		.of("word", "/app/word", "arn:aws:ssm:eu-west-1:123456789012:parameter/app/word",
				"/aws/reference/secretsmanager/db", SECRET + "db-AbCdEf", SECRET + "db:key:stage:id")
		.map((valueFrom) -> SecretReference.parse(valueFrom).location())
		.collect(Collectors.toSet());

	@Test
	void fetchWhenValuesAreInFileFindsEach() {
		Tries.forEach((random) -> {
			Map<String, String> values = values(random);
			Map<SecretLocation, Answer> answers = fetch(
					JsonMapper.shared().writeValueAsBytes(Map.of("secrets", values)),
					values.keySet().stream().map((id) -> location(id)).collect(Collectors.toSet()));
			values.forEach((id, value) -> assertThat(answers.get(location(id))).isInstanceOfSatisfying(Found.class,
					(found) -> assertThat(found.value().reveal()).isEqualTo(value)));
		});
	}

	@Test
	void fetchWhenFileIsChangedAnswersForAll() {
		Tries.forEach((random) -> {
			String file = new String(Tries.pick(random, files().toArray(byte[][]::new)), StandardCharsets.UTF_8);
			String changed = Tries.change(random, file,
					"{}[]:,\"\"\\\\u0123456789.+-eEtruefalsn \t\n\u0000\ufeffä#/'$<");
			Charset charset = Tries.pick(random, StandardCharsets.UTF_8, StandardCharsets.UTF_8,
					StandardCharsets.UTF_16LE, StandardCharsets.ISO_8859_1);
			fetchAnswersForAll(changed.getBytes(charset));
		});
	}

	@Test
	void fetchWhenBytesAreAnyAnswersForAll() {
		Tries.forEach((random) -> {
			byte[] file = new byte[random.nextInt(20)];
			random.nextBytes(file);
			fetchAnswersForAll(file);
		});
	}

	static Stream<byte[]> files() {
		return Stream.of("null", "{\"parameters\":[],\"secrets\":1}", "{\"DB_PASSWORD\":\"x\"}",
				"\ufeff{\"parameters\":{\"word\":\"wassyoi\",\"/app/word\":1.0},\"secrets\":{\"db\":{\"key\":\"x\"}}}",
				"{ \"parameters\" : { } , \"secrets\" : { \"" + SECRET + "db-AbCdEf\" : \"\\ud800\" , \"db\" : [ ] } }")
			.map((file) -> file.getBytes(StandardCharsets.UTF_8));
	}

	@MethodSource("files")
	@FuzzTest(maxDuration = "10s")
	void fetchWhenFuzzedAnswersForAll(byte[] file) throws IOException {
		fetchAnswersForAll(file);
	}

	private static void fetchAnswersForAll(byte[] file) throws IOException {
		Map<SecretLocation, Answer> answers = fetch(file, LOCATIONS);
		assertThat(answers).containsOnlyKeys(LOCATIONS);
		assertThat(answers.values()).filteredOn(Failed.class::isInstance)
			.extracting((answer) -> ((Failed) answer).reason())
			.allMatch((isWhole(file) ? Reason.NOT_FOUND : Reason.UNREADABLE_FILE)::equals);
	}

	/**
	 * Returns whether a file has the required form, so that a missing secret is absent.
	 */
	private static boolean isWhole(byte[] file) {
		try {
			Map<String, GoJson> content = GoJson.of(TextFile.decode(file)).members();
			List<GoJson> sections = Stream.of("parameters", "secrets")
				.map(content::get)
				.filter(Objects::nonNull)
				.toList();
			return !sections.isEmpty() && content.keySet().stream().noneMatch(SecretsFile::isMisspelt)
					&& sections.stream().allMatch((section) -> section.json().startsWith("{"));
		}
		catch (JsonSyntax.SyntaxException | TextFile.UnreadableException ex) {
			return false;
		}
	}

	private static Map<SecretLocation, Answer> fetch(byte[] file, Set<SecretLocation> locations) throws IOException {
		return new FileSecretStore(url(file)).fetch(locations, Duration.ofSeconds(30)).answers();
	}

	private static URL url(byte[] file) throws IOException {
		// In memory, which is much faster than a file.
		return new URL(null, "memory:secrets.json", new URLStreamHandler() {

			@Override
			protected URLConnection openConnection(URL url) {
				return new URLConnection(url) {

					@Override
					public void connect() {
					}

					@Override
					public InputStream getInputStream() {
						return new ByteArrayInputStream(file);
					}

				};
			}

		});
	}

	private static SecretLocation location(String id) {
		return SecretReference.parse(SECRET + id).location();
	}

	private static Map<String, String> values(RandomGenerator random) {
		Map<String, String> values = new LinkedHashMap<>();
		for (int i = random.nextInt(5); i > 0; i--) {
			values.put(Tries.text(random, "abcXYZ019/_+=.@", 1, 10),
					Tries.text(random, "abc \"\\\u0000\n\u2028\u007fä\uffff\ud83c\udfee", 0, 10));
		}
		return values;
	}

}
