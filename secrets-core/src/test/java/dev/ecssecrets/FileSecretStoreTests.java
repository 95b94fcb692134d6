package dev.ecssecrets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link FileSecretStore}.
 */
class FileSecretStoreTests {

	private static final String PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/";

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	@TempDir
	private Path folder;

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			word                              | a word
			/app/word                         | a path
			arn:aws:ssm:eu-west-1:123456789012:parameter/word     | a word
			arn:aws:ssm:eu-west-1:123456789012:parameter/app/word | a path
			arn:aws:ssm:eu-west-1:123456789012:parameter/root     | a root
			arn:aws:ssm:eu-west-1:123456789012:parameter/by-arn   | an ARN
			number                            | 1.0
			/aws/reference/secretsmanager/text | by name
			/aws/reference/secretsmanager/other | as a parameter
			""")
	void fetchWhenParameterIsInFileFindsIt(String valueFrom, String value) throws IOException {
		assertThat(fetch("""
				{ "parameters": { "word": "a word", "/app/word": "a path", "/root": "a root", "number": 1.0,
				    "%sby-arn": "an ARN", "/aws/reference/secretsmanager/other": "as a parameter" },
				  "secrets": { "text": "by name" } }
				""".formatted(PARAMETER), valueFrom)).isInstanceOfSatisfying(Found.class,
				(found) -> assertThat(found.value().reveal()).isEqualTo(value));
	}

	@ParameterizedTest
	@CsvSource({ "name, by name", "text-AbCdEf, by name without suffix", "full-AbCdEf, by name with suffix",
			"arn-AbCdEf, by ARN", "object, '{ \"password\" : \"local\" }'", "name::AWSPREVIOUS:, by name" })
	void fetchWhenSecretIsInFileFindsIt(String id, String value) throws IOException {
		assertThat(fetch("""
				{ "secrets": { "name": "by name", "text": "by name without suffix", "full": "no",
				    "full-AbCdEf": "by name with suffix", "arn": "no", "%sarn-AbCdEf": "by ARN",
				    "object": { "password" : "local" } } }
				""".formatted(SECRET), SECRET + id)).isInstanceOfSatisfying(Found.class,
				(found) -> assertThat(found.value().reveal()).isEqualTo(value));
	}

	@ParameterizedTest
	@ValueSource(strings = { "db-master", "db-reader" })
	void fetchWhenNameEndsWithWordDoesNotTakeItForSuffix(String id) throws IOException {
		assertThat(fetch("{ \"secrets\": { \"db\": \"of another secret\" } }", SECRET + id))
			.isInstanceOfSatisfying(Failed.class, (failed) -> assertThat(failed.reason()).isEqualTo(Reason.NOT_FOUND));
	}

	@ParameterizedTest
	@CsvSource({ "{}, ''", "'{\"secrets\":{\"word\":\"canary\"}}', ''",
			"'{\"parameters\":{\"Word\":\"canary\"}}', ', but Word'",
			"'{\"parameters\":{\"number\":\"canary\",\"/app/words\":\"canary\",\"wort\":\"canary\"}}', ', but /app/words and wort'",
			"'{\"parameters\":{\"/word\":\"canary\"}}', ''" })
	void fetchWhenNotInFileIsNotFoundAndTellsNamesThatAreNear(String json, String near) throws IOException {
		assertThat(fetch(json, "word")).isInstanceOfSatisfying(Failed.class, (failed) -> {
			assertThat(failed.reason()).isEqualTo(Reason.NOT_FOUND);
			assertThat(failed.detail()).endsWith("secrets.json has no word" + near);
		});
	}

	@Test
	void fetchWhenSecretIsNotInFileTellsNameThatIsNearItsArn() throws IOException {
		assertThat(fetch("{\"secrets\":{\"app/databse\":{},\"secret\":\"\",\"manager\":\"\"}}",
				SECRET + "app/database-AbCdEf"))
			.isInstanceOfSatisfying(Failed.class,
					(failed) -> assertThat(failed.detail()).endsWith("secret:app/database-AbCdEf, but app/databse"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			[]                      | is not a JSON object (line 1, column 1)
			{"parameters": canary } | is not a JSON object (line 1, column 16)
			{"parameters": "x"}     | has 'parameters' that is not a JSON object
			{"secrets": []}         | has 'secrets' that is not a JSON object
			""")
	void fetchWhenFileIsOfWrongFormTellsPlace(String json, String detail) throws IOException {
		assertThat(fetch(json, "word")).isInstanceOfSatisfying(Failed.class, (failed) -> {
			assertThat(failed.reason()).isEqualTo(Reason.UNREADABLE_FILE);
			assertThat(failed.detail()).contains("secrets.json " + detail).doesNotContain("canary");
		});
	}

	@Test
	void fetchWhenFileIsAbsentTellsPath() throws IOException {
		Path file = this.folder.resolve("absent.json");
		assertThat(fetch(file, "word")).isInstanceOfSatisfying(Failed.class, (failed) -> {
			assertThat(failed.reason()).isEqualTo(Reason.UNREADABLE_FILE);
			assertThat(failed.detail()).contains(file.toUri().getPath());
		});
	}

	@Test
	void fetchTellsItsCall() throws IOException {
		Path file = this.folder.resolve("secrets.json");
		Set<SecretLocation> word = Set.of(SecretReference.parse("word").location());
		SecretStore store = new FileSecretStore(file.toUri().toURL());
		assertThat(store.fetch(word, Duration.ofSeconds(1)).calls()).extracting(Call::store, Call::failure)
			.containsExactly(tuple("file", Reason.UNREADABLE_FILE));
		Files.writeString(file, "{}");
		assertThat(store.fetch(word, Duration.ofSeconds(1)).calls()).extracting(Call::store, Call::failure)
			.containsExactly(tuple("file", null));
	}

	private Answer fetch(String json, String valueFrom) throws IOException {
		return fetch(Files.writeString(this.folder.resolve("secrets.json"), json), valueFrom);
	}

	private Answer fetch(Path file, String valueFrom) throws IOException {
		SecretLocation location = SecretReference.parse(valueFrom).location();
		return new FileSecretStore(file.toUri().toURL()).fetch(Set.of(location), Duration.ofSeconds(1))
			.answers()
			.get(location);
	}

}
