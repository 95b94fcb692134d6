package dev.ecssecrets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Call;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.aws.AwsSecretStore;
import dev.ecssecrets.localstack.LocalStack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every {@link SecretStore} does.
 */
class SecretStoreContractTests {

	abstract static class Contract {

		static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

		static final String PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/";

		final String id = UUID.randomUUID().toString();

		final Map<String, String> parameters = new LinkedHashMap<>();

		final Map<String, String> secrets = new LinkedHashMap<>();

		/**
		 * Returns a store that holds values.
		 * @param parameters the parameters by name
		 * @param secrets the secrets by name
		 */
		abstract SecretStore store(Map<String, String> parameters, Map<String, String> secrets);

		@Test
		void fetchWhenNothingIsAskedAnswersNothing() {
			Response response = fetch();
			assertThat(response.answers()).isEmpty();
			assertThat(response.calls()).isEmpty();
		}

		@Test
		void fetchWhenPresentFindsValueByNameAndByArn() {
			this.parameters.put(this.id, "by name");
			this.parameters.put("/" + this.id + "/path", "by path");
			this.secrets.put(this.id, "secret");
			Response response = fetch(this.id, "/" + this.id + "/path", PARAMETER + this.id,
					PARAMETER + this.id + "/path", SECRET + this.id);
			assertThat(values(response))
				.isEqualTo(Map.of(this.id, "by name", "/" + this.id + "/path", "by path", PARAMETER + this.id,
						"by name", PARAMETER + this.id + "/path", "by path", SECRET + this.id, "secret"));
		}

		@ParameterizedTest
		@ValueSource(strings = { " ", "  both ends  ", "two\nlines\r\n", "\ttab", "wasshoi \uD83C\uDFEE \u00fc\u00df",
				"${placeholder} #{expression}", "\\ \" ' < &", "1000000", "true", "null", "[]",
				"{\"a\": 1.0,\n \"a\" : 2}" })
		void fetchReturnsTextAsItIs(String text) {
			this.parameters.put(this.id, text);
			this.secrets.put(this.id, text);
			assertThat(values(fetch(this.id, SECRET + this.id)))
				.isEqualTo(Map.of(this.id, text, SECRET + this.id, text));
		}

		@Test
		void fetchWhenAbsentIsNotFoundAndTheOthersAreFound() {
			this.parameters.put(this.id, "found");
			this.secrets.put(this.id, "found");
			Response response = fetch(this.id, this.id + "-absent", "/" + this.id + "/absent",
					PARAMETER + this.id + "-absent", SECRET + this.id, SECRET + "absent-" + this.id + "-AbCdEf");
			assertThat(values(response)).containsOnlyKeys(this.id, SECRET + this.id);
			assertThat(response.answers().values()).hasSize(6)
				.filteredOn(Failed.class::isInstance)
				.hasSize(4)
				.allSatisfy((answer) -> assertThat(((Failed) answer).reason()).isEqualTo(Reason.NOT_FOUND));
		}

		@Test
		void fetchWhenManyAreAskedAnswersAll() {
			IntStream.range(0, 25).forEach((i) -> this.parameters.put("/" + this.id + "/" + i, "value " + i));
			assertThat(values(fetch(this.parameters.keySet().toArray(String[]::new)))).isEqualTo(this.parameters);
		}

		@Test
		void fetchWhenAskedAgainReadsAgain() {
			this.parameters.put(this.id, "first");
			assertThat(values(fetch(this.id))).containsEntry(this.id, "first");
			this.parameters.put(this.id, "second");
			assertThat(values(fetch(this.id))).containsEntry(this.id, "second");
		}

		final Response fetch(String... valueFroms) {
			Set<SecretLocation> locations = Arrays.stream(valueFroms)
				.map((valueFrom) -> SecretReference.parse(valueFrom).location())
				.collect(Collectors.toCollection(LinkedHashSet::new));
			return store(this.parameters, this.secrets).fetch(locations, Duration.ofSeconds(30));
		}

		private static Map<String, String> values(Response response) {
			Map<String, String> values = new LinkedHashMap<>();
			response.answers().forEach((SecretLocation location, Answer answer) -> {
				if (answer instanceof Found found) {
					values.put(location.id(), found.value().reveal());
				}
			});
			return values;
		}

	}

	@Nested
	class FileTests extends Contract {

		@TempDir
		private Path folder;

		@Override
		SecretStore store(Map<String, String> parameters, Map<String, String> secrets) {
			ObjectNode content = new JsonMapper().createObjectNode();
			parameters.forEach(content.putObject("parameters")::put);
			secrets.forEach(content.putObject("secrets")::put);
			try {
				return new FileSecretStore(
						Files.writeString(this.folder.resolve("secrets.json"), content.toString()).toUri().toURL());
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	@Nested
	class AwsTests extends Contract {

		@Override
		SecretStore store(Map<String, String> parameters, Map<String, String> secrets) {
			LocalStack aws = LocalStack.get();
			parameters.forEach(aws::putParameter);
			secrets.forEach(aws::putSecret);
			return AwsSecretStore.builder()
				.endpoint(aws.endpoint())
				.region(aws.region())
				.credentialsProvider(StaticCredentialsProvider
					.create(AwsBasicCredentials.create(aws.accessKeyId(), aws.secretAccessKey())))
				.build();
		}

		@Test
		void fetchTellsVersionsAndCalls() {
			LocalStack.get().putParameter(this.id, "first");
			this.parameters.put(this.id, "second");
			this.secrets.put(this.id, "secret");
			Response response = fetch(this.id, SECRET + this.id, "/aws/reference/secretsmanager/" + this.id);
			assertThat(source(response, this.id).version()).isEqualTo("2");
			assertThat(source(response, this.id).versionStages()).isEmpty();
			assertThat(source(response, SECRET + this.id).version()).hasSizeBetween(32, 64);
			assertThat(source(response, SECRET + this.id).versionStages()).containsExactly("AWSCURRENT");
			assertThat(source(response, "/aws/reference/secretsmanager/" + this.id).version()).isNull();
			assertThat(response.calls()).extracting(Call::store)
				.containsExactlyInAnyOrder("ssm", "ssm", "secretsmanager");
			assertThat(response.calls()).allSatisfy((call) -> {
				assertThat(call.elapsed()).isPositive();
				assertThat(call.failure()).isNull();
			});
		}

		@Test
		void fetchWhenNothingIsThereHasCallsThatWereAnswered() {
			Response response = fetch(this.id, SECRET + this.id);
			assertThat(response.answers().values()).hasOnlyElementsOfType(Failed.class);
			assertThat(response.calls()).hasSize(2).extracting(Call::failure).containsOnlyNulls();
		}

		private static SecretSource source(Response response, String valueFrom) {
			return ((Found) response.answers().get(SecretReference.parse(valueFrom).location())).source();
		}

	}

	/**
	 * By the clients of the SDK, as where configuration is not in the environment alone.
	 */
	@Nested
	class AwsBySdkTests extends AwsTests {

		@BeforeEach
		void setWhatOnlyTheSdkKnows() {
			System.setProperty("aws.useDualstackEndpoint", "false");
		}

		@AfterEach
		void clear() {
			System.clearProperty("aws.useDualstackEndpoint");
		}

	}

	@Nested
	class InMemoryTests extends Contract {

		@Override
		SecretStore store(Map<String, String> parameters, Map<String, String> secrets) {
			InMemorySecretStore store = new InMemorySecretStore();
			parameters.forEach((name, value) -> store.put(name, value)
				.put(PARAMETER + (name.startsWith("/") ? name.substring(1) : name), value));
			secrets.forEach((name, value) -> store.put(SECRET + name, value));
			return store;
		}

	}

	@Nested
	class CachingTests extends InMemoryTests {

		@Override
		SecretStore store(Map<String, String> parameters, Map<String, String> secrets) {
			return new CachingSecretStore(super.store(parameters, secrets), Duration.ofHours(1), Duration.ZERO,
					Ticker.systemTicker());
		}

	}

}
