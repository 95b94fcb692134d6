// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link FileSecretStore}.
 */
class FileSecretStoreTests {

	private static final String PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/";

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	private static final Set<SecretLocation> WORD = Set.of(SecretReference.parse("word").location());

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

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
	@CsvSource({ "{\"parameters\":{}}, ''",
			"'{\"secrets\":{\"word\":\"canary\"}}', ', but it has a secret of that name, whose valueFrom is"
					+ " arn:aws:secretsmanager:REGION:ACCOUNT:secret:word'",
			"'{\"parameters\":{\"Word\":\"canary\"}}', '. Did you mean Word?'",
			"'{\"parameters\":{\"number\":\"canary\",\"/app/words\":\"canary\",\"wort\":\"canary\"}}', '. Did you mean /app/words or wort?'",
			"'{\"parameters\":{\"/word\":\"canary\"}}', ''" })
	void fetchWhenNotInFileIsNotFoundAndSuggestsSimilarNames(String json, String near) throws IOException {
		assertThat(fetch(json, "word")).isInstanceOfSatisfying(Failed.class, (failed) -> {
			assertThat(failed.reason()).isEqualTo(Reason.NOT_FOUND);
			assertThat(failed.detail()).endsWith("secrets.json has no word" + near);
		});
	}

	@Test
	void fetchWhenManyNamesAreSimilarSuggestsTheThreeMostSimilar() throws IOException {
		assertThat(
				fetch("{\"parameters\":{\"wordy\":\"\",\"passwort\":\"\",\"wo-rd\":\"\",\"Word\":\"\",\"sword\":\"\"}}",
						"word"))
			.isInstanceOfSatisfying(Failed.class,
					(failed) -> assertThat(failed.detail()).endsWith(". Did you mean wordy or Word or sword?"));
	}

	@ParameterizedTest
	@CsvSource({ "508, true", "509, false" })
	void fetchWhenSimilarNameIsVeryLongDoesNotSuggestIt(int more, boolean suggested) throws IOException {
		assertThat(fetch("{\"parameters\":{\"word" + "x".repeat(more) + "\":\"\"}}", "word")).isInstanceOfSatisfying(
				Failed.class, (failed) -> assertThat(failed.detail().contains("Did you mean")).isEqualTo(suggested));
	}

	@Test
	void fetchWhenSecretIsNotInFileSuggestsNameSimilarToArn() throws IOException {
		assertThat(fetch("{\"secrets\":{\"app/databse\":{},\"secret\":\"\",\"manager\":\"\"}}",
				SECRET + "app/database-AbCdEf"))
			.isInstanceOfSatisfying(Failed.class, (failed) -> assertThat(failed.detail())
				.endsWith("secret:app/database-AbCdEf. Did you mean app/databse?"));
	}

	@ParameterizedTest
	@CsvSource({ "rds!db-1111-2222-AbC123, rds!db-1111-2222", "rds!db-1111-2222, rds!db-1111-2222",
			"rds!cluster-1111-AbC123, rds!cluster-1111-AbC123", "rds!cluster-1111, rds!cluster-1111-AbC123",
			"redshift!ns-admin-a1B2c3, redshift!ns-admin", "app/db_x+y=z.@-AbC123, app/db_x+y=z.@",
			"db-AbC123, arn:aws:secretsmanager:eu-west-1:123456789012:secret:db",
			"db, arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbC123" })
	void fetchWhenSecretHasAnyNameFindsItWithAndWithoutSuffix(String id, String name) throws IOException {
		assertThat(fetch("{ \"secrets\": { \"%s\": \"found\", \"rds!db-3333\": \"no\" } }".formatted(name), secret(id)))
			.isInstanceOfSatisfying(Found.class, (found) -> assertThat(found.value().reveal()).isEqualTo("found"));
	}

	@ParameterizedTest
	@CsvSource({ "db, db-reader", "db, db-AbC12", "db, db-AbC1234", "db, db-AbC12_", "db, dbAbC123", "db, -AbC123",
			"db-, db-AbC123", "db-AbC123, db-xYz789", "AbC123, -AbC123" })
	void fetchWhenNamesDifferByMoreThanSuffixDoesNotFindIt(String id, String name) throws IOException {
		assertThat(fetch("{ \"secrets\": { \"%s\": \"of another secret\" } }".formatted(name), secret(id)))
			.isInstanceOfSatisfying(Failed.class, (failed) -> assertThat(failed.reason()).isEqualTo(Reason.NOT_FOUND));
	}

	@Test
	void fetchWhenSeveralSecretsMatchFindsNone() throws IOException {
		assertThat(fetch("{ \"secrets\": { \"db-AbC123\": \"canary\", \"db-prod01\": \"canary\" } }", secret("db")))
			.isInstanceOfSatisfying(Failed.class, (failed) -> {
				assertThat(failed.reason()).isEqualTo(Reason.NOT_FOUND);
				assertThat(failed.detail()).endsWith(". Did you mean db-AbC123 or db-prod01?");
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					``                                 | is empty; expected parameters and secrets at the top level
					` \t`                              | is empty; expected parameters and secrets at the top level
					{}                                 | has neither parameters nor secrets; expected parameters and secrets at the top level
					{"DB_PASSWORD": "canary"}          | has neither parameters nor secrets; expected parameters and secrets at the top level
					{"Parameters": {"word": "canary"}} | has neither parameters nor secrets; expected parameters and secrets at the top level
					[]                                 | is a JSON array; expected parameters and secrets at the top level
					null                               | is a JSON null; expected parameters and secrets at the top level
					"canary"                           | is a JSON string; expected parameters and secrets at the top level
					{"parameters": "canary"}           | has a JSON string as 'parameters', not an object
					{"parameters": null}               | has a JSON null as 'parameters', not an object
					{"parameters": {}, "secrets": []}  | has a JSON array as 'secrets', not an object
					{"parametres": {}, "secrets": {}}  | has 'parametres' at the top level, which is neither parameters nor secrets. Correct or remove it
					{"parameters": {}, "Secrets": {}}  | has 'Secrets' at the top level, which is neither parameters nor secrets. Correct or remove it
					{"parameters": canary }            | has a syntax error at line 1, column 16: expected a value, but found an unquoted word
					{"parameters": {"word": 1e400}}    | has a number out of range at line 1, column 25
					DB_PASSWORD=canary                 | has a syntax error at line 1, column 1: expected a value, but found an unquoted word
					""")
	void fetchWhenFileHasWrongFormReportsProblem(String json, String detail) throws IOException {
		assertUnreadable(fetch(json, "word"), "secrets.json " + detail);
	}

	@Test
	void fetchWhenFileIsMalformedIsNoAbsence() throws IOException {
		for (String json : new String[] { "{}", "[]", "null", "", "{\"word\":\"canary\"}", "{\"secrets\":null}" }) {
			Path file = Files.writeString(this.folder.resolve("secrets.json"), json);
			SecretResolver resolver = new SecretResolver(() -> store(file), TIMEOUT);
			List<SecretDeclaration> optional = List.of(new SecretDeclaration("WORD", "word", true, null));
			assertThatExceptionOfType(SecretResolutionException.class).as(json)
				.isThrownBy(() -> resolver.resolve(optional, (name) -> false))
				.satisfies((ex) -> assertThat(ex.failures()).extracting(SecretFailure::reason)
					.containsExactly(Reason.UNREADABLE_FILE));
		}
	}

	@Test
	void fetchWhenFileBeginsWithByteOrderMarkReadsIt() throws IOException {
		assertThat(fetch("\ufeff{\"parameters\":{\"word\":\"wassyoi\"}}", "word")).isInstanceOfSatisfying(Found.class,
				(found) -> assertThat(found.value().reveal()).isEqualTo("wassyoi"));
	}

	@Test
	void fetchWhenFileIsNotUtf8IsRefused() throws IOException {
		String json = "{\"parameters\":{\"word\":\"w\u00e4ssyoi\"}}";
		Path file = this.folder.resolve("secrets.json");
		assertUnreadable(fetch(Files.writeString(file, json, StandardCharsets.ISO_8859_1), "word"),
				"is not UTF-8 (line 1, column 25); save it as UTF-8");
		assertUnreadable(fetch(Files.writeString(file, json, StandardCharsets.UTF_16), "word"),
				"is UTF-16; save it as UTF-8");
	}

	@Test
	void fetchWhenFileIsAbsentOrNotRegularReportsIt() throws IOException {
		assertUnreadable(fetch(this.folder.resolve("absent.json"), "word"), "absent.json does not exist");
		assertUnreadable(fetch(this.folder, "word"), "/ is a directory");
	}

	@Test
	void fetchWhenFileIsLargerThanFourMegabytesIsRefused() throws IOException {
		Path file = this.folder.resolve("secrets.json");
		String start = "{\"parameters\":{\"word\":\"wassyoi\"}}";
		Files.writeString(file, start + " ".repeat((4 << 20) - start.length()));
		assertThat(fetch(file, "word")).isInstanceOf(Found.class);
		Files.writeString(file, " ", StandardOpenOption.APPEND);
		assertUnreadable(fetch(file, "word"), "secrets.json is larger than 4 MB");
	}

	@Test
	void fetchWhenKubernetesReplacesMountedFileReadsNewOne() throws IOException {
		Path mount = this.folder;
		Files.writeString(Files.createDirectory(mount.resolve("..1")).resolve("secrets.json"),
				"{\"parameters\":{\"word\":\"old\"}}");
		Files.writeString(Files.createDirectory(mount.resolve("..2")).resolve("secrets.json"),
				"{\"parameters\":{\"word\":\"new\"}}");
		Path data = Files.createSymbolicLink(mount.resolve("..data"), Path.of("..1"));
		Path file = Files.createSymbolicLink(mount.resolve("secrets.json"), Path.of("..data", "secrets.json"));
		assertThat(fetch(file, "word")).isInstanceOfSatisfying(Found.class,
				(found) -> assertThat(found.value().reveal()).isEqualTo("old"));
		Path next = Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of("..2"));
		Files.move(next, data, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
		assertThat(fetch(file, "word")).isInstanceOfSatisfying(Found.class,
				(found) -> assertThat(found.value().reveal()).isEqualTo("new"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://user:canary@localhost:1/secrets.json?token=canary", "https://localhost:1/x",
			"ftp://user:canary@localhost:1/x", "jar:http://user:canary@localhost:1/canary.jar!/secrets.json" })
	void fetchWhenLocationIsOnAnotherHostIsRefused(String location) throws IOException {
		Answer answer = new FileSecretStore(new URL(location)).fetch(WORD, TIMEOUT)
			.answers()
			.values()
			.iterator()
			.next();
		assertUnreadable(answer, "; only local files and class path resources are read");
	}

	@Test
	void fetchWhenFileIsInArchiveFindsSecrets() throws IOException {
		Path archive = this.folder.resolve("application.jar");
		try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(archive))) {
			jar.putNextEntry(new JarEntry("secrets.json"));
			jar.write("{\"parameters\":{\"word\":\"wassyoi\"}}".getBytes(StandardCharsets.UTF_8));
		}
		URL file = new URL("jar:" + archive.toUri() + "!/secrets.json");
		assertThat(new FileSecretStore(file).fetch(WORD, TIMEOUT).answers().values())
			.hasOnlyElementsOfType(Found.class);
	}

	@Test
	void fetchWhenReadingTakesLongerThanTimeoutTimesOutAndEndsReading() throws Exception {
		CountDownLatch reading = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		Response response = new FileSecretStore(hanging(reading, interrupted)).fetch(WORD, Duration.ofMillis(100));
		assertThat(response.answers().values()).singleElement()
			.isEqualTo(new Failed(Reason.TIMED_OUT, "test:secrets.json was not read within 100 ms"));
		assertThat(response.calls()).extracting(Call::failure).containsExactly(Reason.TIMED_OUT);
		// On a busy machine, the time may be over before reading begins.
		assertThat(reading.getCount() == 1 || interrupted.await(1, TimeUnit.MINUTES)).isTrue();
	}

	@Test
	void fetchWhenThreadIsInterruptedEndsAndLeavesItInterrupted() throws Exception {
		CountDownLatch reading = new CountDownLatch(1);
		SecretStore store = new FileSecretStore(hanging(reading, new CountDownLatch(1)));
		Thread caller = Thread.currentThread();
		Thread interrupter = new Thread(() -> {
			try {
				reading.await();
				caller.interrupt();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
		interrupter.start();
		Response response = store.fetch(WORD, Duration.ofHours(1));
		assertThat(Thread.interrupted()).isTrue();
		assertThat(response.answers().values()).singleElement()
			.isEqualTo(new Failed(Reason.TIMED_OUT, "test:secrets.json was not read: the thread was interrupted"));
		interrupter.join();
	}

	@Test
	void fetchReadsOnDaemonThread() throws IOException {
		AtomicReference<Thread> reader = new AtomicReference<>();
		URL file = url(() -> {
			reader.set(Thread.currentThread());
			throw new IOException("no file");
		});
		Response response = new FileSecretStore(file).fetch(WORD, TIMEOUT);
		assertThat(reader.get().isDaemon()).isTrue();
		assertUnreadable(response.answers().values().iterator().next(),
				"test:secrets.json cannot be read: java.io.IOException: no file");
	}

	@Test
	void fetchWhenReadingThrowsAnythingAnswers() throws IOException {
		URL file = url(() -> {
			throw new StackOverflowError();
		});
		assertUnreadable(new FileSecretStore(file).fetch(WORD, TIMEOUT).answers().values().iterator().next(),
				"test:secrets.json cannot be read: java.lang.StackOverflowError");
	}

	@Test
	void fetchWhenThousandsAreNotInFileAnswersAllWithSuggestionsForTwenty() throws IOException {
		StringJoiner names = new StringJoiner(",", "{\"parameters\":{", "}}");
		Set<SecretLocation> locations = new HashSet<>();
		for (int i = 0; i < 5_000; i++) {
			names.add("\"/app/present/" + i + "\":\"\"");
			locations.add(SecretReference.parse("/app/absent/" + i).location());
		}
		Path file = Files.writeString(this.folder.resolve("secrets.json"), names.toString());
		assertThat(store(file).fetch(locations, TIMEOUT).answers().values()).hasSize(5_000)
			.filteredOn((answer) -> ((Failed) answer).detail().contains("Did you mean /app/present/"))
			.hasSize(20);
	}

	@Test
	void fetchReportsItsCall() throws IOException {
		Path file = this.folder.resolve("secrets.json");
		assertThat(store(file).fetch(WORD, TIMEOUT).calls()).extracting(Call::store, Call::failure)
			.containsExactly(tuple("file", Reason.UNREADABLE_FILE));
		Files.writeString(file, "{ \"parameters\": {} }");
		assertThat(store(file).fetch(WORD, TIMEOUT).calls()).extracting(Call::store, Call::failure)
			.containsExactly(tuple("file", null));
	}

	private static URL hanging(CountDownLatch reading, CountDownLatch interrupted) throws IOException {
		return url(() -> {
			reading.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException ex) {
				interrupted.countDown();
			}
			throw new IOException("interrupted");
		});
	}

	private static URL url(Callable<InputStream> content) throws IOException {
		return new URL(null, "test:secrets.json", new URLStreamHandler() {

			@Override
			protected URLConnection openConnection(URL url) {
				return new URLConnection(url) {

					@Override
					public void connect() {
					}

					@Override
					public InputStream getInputStream() throws IOException {
						try {
							return content.call();
						}
						catch (IOException | RuntimeException ex) {
							throw ex;
						}
						catch (Exception ex) {
							throw new IllegalStateException(ex);
						}
					}

				};
			}

		});
	}

	private static void assertUnreadable(Answer answer, String end) {
		assertThat(answer).isInstanceOfSatisfying(Failed.class, (failed) -> {
			assertThat(failed.reason()).isEqualTo(Reason.UNREADABLE_FILE);
			assertThat(failed.detail()).endsWith(end).doesNotContain("canary");
		});
	}

	private static SecretLocation secret(String id) {
		return new SecretsManagerSecret(new Arn("aws", "secretsmanager", "eu-west-1", "123456789012", "secret:" + id),
				null, null);
	}

	private static SecretStore store(Path file) {
		try {
			return new FileSecretStore(file.toUri().toURL());
		}
		catch (MalformedURLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Answer fetch(String json, String valueFrom) throws IOException {
		return fetch(json, SecretReference.parse(valueFrom).location());
	}

	private Answer fetch(String json, SecretLocation location) throws IOException {
		Path file = Files.writeString(this.folder.resolve("secrets.json"), json);
		return store(file).fetch(Set.of(location), TIMEOUT).answers().get(location);
	}

	private static Answer fetch(Path file, String valueFrom) {
		SecretLocation location = SecretReference.parse(valueFrom).location();
		return store(file).fetch(Set.of(location), TIMEOUT).answers().get(location);
	}

}
