// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.ApplicationContext;
import org.springframework.core.annotation.AliasFor;
import org.springframework.core.env.Environment;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestContextManager;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for {@link TestSecrets @TestSecrets}, and for tests without it.
 */
@SpringBootTest
@TestSecrets({ "HAMADA_SECRETS=wassyoi", "DB_USER_NAME= a=b ", "DB_PASSWORD=1000000" })
class TestSecretsTests {

	@Autowired
	private Environment environment;

	@Autowired
	private InMemorySecretStore store;

	@Test
	void valuesAreThereAsTheyStand() {
		assertThat(this.environment.getProperty("HAMADA_SECRETS")).isEqualTo("wassyoi");
		assertThat(this.environment.getProperty("DB_USER_NAME")).isEqualTo(" a=b ");
		assertThat(this.environment.getProperty("DB_PASSWORD")).isEqualTo("1000000");
		assertThat(this.environment.getProperty("db.user-name")).isEqualTo(" a=b ");
	}

	@Test
	void optionalSecretWhenNotGivenIsAbsent() {
		assertThat(this.environment.containsProperty("FEATURE_TOKEN")).isFalse();
	}

	@Test
	void variableOfProcessEnvironmentIsUsedWhenNotGiven() {
		assertThat(this.environment.getProperty("INJECTED_SECRET")).isEqualTo("injected");
	}

	@Test
	void storeIsInjectedAndHasBeenAskedOnce() {
		assertThat(this.store.fetches()).isOne();
	}

	@Nested
	class NestedTests {

		@Test
		void valuesAreThoseOfEnclosingClass(@Autowired Environment environment) {
			assertThat(environment.getProperty("HAMADA_SECRETS")).isEqualTo("wassyoi");
			assertThat(environment).isSameAs(TestSecretsTests.this.environment);
		}

	}

	@Nested
	@TestSecrets({ "HAMADA_SECRETS=nested", "DB_USER_NAME=", "DB_PASSWORD=", "FEATURE_TOKEN=given",
			"INJECTED_SECRET=given" })
	class NestedWithOwnTests {

		@Test
		void valuesAreItsOwn(@Autowired Environment environment) {
			assertThat(environment.getProperty("HAMADA_SECRETS")).isEqualTo("nested");
			assertThat(environment.getProperty("DB_PASSWORD")).isEmpty();
			assertThat(environment.getProperty("FEATURE_TOKEN")).isEqualTo("given");
		}

		@Test
		void givenValueWinsOverProcessEnvironment(@Autowired Environment environment) {
			assertThat(environment.getProperty("INJECTED_SECRET")).isEqualTo("given");
			assertThat(environment.getProperty("injected.secret")).isEqualTo("given");
			assertThat(environment.getProperty("PATH")).isEqualTo(System.getenv("PATH"));
		}

	}

	@Nested
	class Contexts {

		@Test
		void contextIsSharedWhenSecretsAreEqual() {
			assertThat(context(Inherited.class)).isSameAs(context(Base.class))
				.isSameAs(context(Reordered.class))
				.isSameAs(context(Composed.class));
		}

		@Test
		void contextIsNotSharedWhenSecretsDiffer() {
			assertThat(context(Other.class)).isNotSameAs(context(Base.class));
			assertThat(word(Other.class)).isEqualTo("other");
			assertThat(word(Base.class)).isEqualTo("base");
		}

		@Test
		void sliceHasSecrets() {
			assertThat(word(Slice.class)).isEqualTo("slice");
			assertThat(context(Slice.class).getBean(MockMvcTester.class).get().uri("/"))
				.hasBodyTextEqualTo("Hello, slice!");
		}

		@Test
		void mockedContextHasSecrets() {
			assertThat(word(Mocking.class)).isEqualTo("base");
		}

		@Test
		void contextOfMainMethodHasSecrets() {
			assertThat(word(Main.class)).isEqualTo("base");
		}

	}

	@Nested
	class Mistakes {

		@Test
		void nameWhenNotDeclaredAndNameWhenNotGivenAreReportedTogether() {
			assertThat(failure(Misspelt.class)).isInstanceOf(IllegalStateException.class).hasMessage("""
					@TestSecrets of %s does not match the declared secrets \
					[HAMADA_SECRETS, DB_USER_NAME, DB_PASSWORD, FEATURE_TOKEN, INJECTED_SECRET]:
					- DB_PASWORD is not declared; did you mean DB_PASSWORD?
					- DB_USER_NAME has no value. Add "DB_USER_NAME=..."
					- DB_PASSWORD has no value. Add "DB_PASSWORD=...\"""".formatted(Misspelt.class.getName()));
		}

		@Test
		void nameWhenNothingIsFetchedIsReportedToo() {
			assertThat(failure(AllInjected.class)).hasMessage("""
					@TestSecrets of %s does not match the declared secrets [INJECTED_SECRET]:
					- A is not declared""".formatted(AllInjected.class.getName()));
		}

		@Test
		void nameWhenNothingIsDeclaredIsReportedToo() {
			assertThat(failure(NothingDeclared.class)).hasMessage("""
					@TestSecrets of %s does not match the declared secrets []:
					- A is not declared""".formatted(NothingDeclared.class.getName()));
		}

		@Test
		void entryWhenItHasNoEqualsSignIsRefusedAndNotQuoted() {
			assertThat(failure(WithoutEqualsSign.class)).hasMessage("Entry 2 in @TestSecrets of "
					+ WithoutEqualsSign.class.getName() + " does not have the form NAME=value.");
		}

		@Test
		void nameWhenGivenTwiceIsRefused() {
			assertThat(failure(Twice.class))
				.hasMessage("@TestSecrets of " + Twice.class.getName() + " gives HAMADA_SECRETS twice.");
		}

		@Test
		void valuesWhenOneValueFromIsMeantByBothHaveToBeEqual() {
			assertThat(failure(Contradicting.class)).hasMessage("""
					@TestSecrets of %s does not match the declared secrets [A, B]:
					- A and another secret have different values, but the same valueFrom: shared"""
				.formatted(Contradicting.class.getName()));
		}

		@Test
		void optionalKeyWhenNotGivenAndItsSecretIsGivenIsReported() {
			assertThat(failure(OptionalKey.class)).hasMessage("""
					@TestSecrets of %s does not match the declared secrets [A, B]:
					- B has no value. Add "B=...\"""".formatted(OptionalKey.class.getName()));
		}

		@Test
		void declarationWhenInvalidIsReportedByApplication() {
			assertThat(failure(Invalid.class)).isInstanceOf(SecretResolutionException.class)
				.hasMessageContaining("INVALID VALUEFROM");
		}

	}

	@Nested
	@ExtendWith(OutputCaptureExtension.class)
	class WithoutAnnotation {

		@Test
		void secretWhenItWouldBeFetchedFromAwsIsRefusedWithWhatToAdd(CapturedOutput output) {
			String refusal = """
					This test would call AWS, because it has no value for HAMADA_SECRETS, DB_USER_NAME, DB_PASSWORD. \
					Tests call AWS only if you allow it.

					Give values to the test class:

					    @TestSecrets({ "HAMADA_SECRETS=...", "DB_USER_NAME=...", "DB_PASSWORD=..." })

					Or give them as properties with these names, or set ecs-secrets.test.allow-aws to true.""";
			assertThat(failure(Plain.class)).isInstanceOf(IllegalStateException.class).hasMessage(refusal);
			assertThat(output).contains("APPLICATION FAILED TO START", "Description:\n\n" + refusal + "\n");
		}

		@Test
		void secretIsRefusedWhenOtherKeysOfItAreGiven() {
			assertThat(failure(HalfGiven.class)).hasMessageContaining("@TestSecrets({ \"DB_PASSWORD=...\" })");
		}

		@Test
		void secretIsRefusedWhenStoreIsEmpty() {
			assertThat(failure(EmptyStore.class)).hasMessageContaining("would call AWS");
		}

		@Test
		void optionalSecretWhenItHasNoValueIsAbsent() {
			assertThat(word(WithoutOptional.class)).isEqualTo("property");
			assertThat(context(WithoutOptional.class).getEnvironment().containsProperty("FEATURE_TOKEN")).isFalse();
		}

		@Test
		void optionalSecretsAloneAreAbsent() {
			assertThat(context(OptionalAlone.class).getEnvironment().containsProperty("A")).isFalse();
		}

		@Test
		void optionalKeyIsRefusedWhenAnotherKeyOfTheSecretIsGiven() {
			assertThat(failure(OptionalKeyByProperty.class))
				.hasMessageStartingWith("This test would call AWS, because it has no value for B.");
		}

		@Test
		void secretsOfWholeSuiteAreTakenFromConfigFolderOfTestResources(@TempDir Path resources) throws Exception {
			Files.createDirectory(resources.resolve("config"));
			Files.writeString(resources.resolve("config/application.properties"), """
					HAMADA_SECRETS=suite
					DB_USER_NAME=user
					DB_PASSWORD=a\\\\b
					""");
			Thread thread = Thread.currentThread();
			ClassLoader classLoader = thread.getContextClassLoader();
			try (URLClassLoader testResources = new URLClassLoader(new URL[] { resources.toUri().toURL() },
					classLoader)) {
				thread.setContextClassLoader(testResources);
				assertThat(word(Suite.class)).isEqualTo("suite");
				assertThat(context(Suite.class).getEnvironment().getProperty("db.password")).isEqualTo("a\\b");
				assertThat(context(Suite.class).getEnvironment().containsProperty("FEATURE_TOKEN")).isFalse();
				assertThat(word(OneOfSuite.class)).isEqualTo("one");
				assertThat(context(OneOfSuite.class).getEnvironment().getProperty("DB_USER_NAME")).isEqualTo("user");
			}
			finally {
				thread.setContextClassLoader(classLoader);
			}
		}

		@Test
		void secretIsFetchedFromAwsWhenKeyAllowsIt() {
			assertThat(failure(Allowed.class)).isInstanceOf(SecretResolutionException.class)
				.hasMessageContaining("NO VALID CREDENTIALS")
				.hasMessageNotContaining("REFUSED");
		}

		@Test
		void secretsAreTakenFromPropertiesOfTheSameNames() {
			assertThat(word(Properties.class)).isEqualTo("property");
			assertThat(context(Properties.class).getEnvironment().getProperty("db.user-name")).isEqualTo("source");
		}

		@Test
		void fileStoreOfProfileIsUsed() {
			assertThat(word(Profile.class)).isEqualTo("from a file");
		}

		@Test
		void secretsWhenDisabledAreNotLookedAt() {
			assertThat(context(Disabled.class).getEnvironment().containsProperty("DB_PASSWORD")).isFalse();
		}

	}

	private static String word(Class<?> testClass) {
		return context(testClass).getEnvironment().getProperty("HAMADA_SECRETS");
	}

	private static Throwable failure(Class<?> testClass) {
		Throwable failure = catchThrowable(() -> context(testClass));
		while (failure.getCause() != null) {
			failure = failure.getCause();
		}
		return failure;
	}

	private static ApplicationContext context(Class<?> testClass) {
		return new TestContextManager(testClass).getTestContext().getApplicationContext();
	}

	@SpringBootTest
	@TestSecrets({ "HAMADA_SECRETS=base", "DB_USER_NAME=user", "DB_PASSWORD=password" })
	static class Base {

	}

	static class Inherited extends Base {

	}

	@SpringBootTest
	@TestSecrets({ "DB_PASSWORD=password", "DB_USER_NAME=user", "HAMADA_SECRETS=base" })
	static class Reordered {

	}

	@Composite({ "HAMADA_SECRETS=base", "DB_USER_NAME=user", "DB_PASSWORD=password" })
	static class Composed {

	}

	@Retention(RetentionPolicy.RUNTIME)
	@SpringBootTest
	@TestSecrets
	@interface Composite {

		@AliasFor(annotation = TestSecrets.class, attribute = "value")
		String[] value();

	}

	@TestSecrets({ "HAMADA_SECRETS=other", "DB_USER_NAME=user", "DB_PASSWORD=password" })
	static class Other extends Base {

	}

	@WebMvcTest
	@TestSecrets({ "HAMADA_SECRETS=slice", "DB_USER_NAME=user", "DB_PASSWORD=password" })
	static class Slice {

	}

	@MockitoBean(types = Runnable.class)
	static class Mocking extends Base {

	}

	@SpringBootTest(useMainMethod = SpringBootTest.UseMainMethod.ALWAYS)
	@TestSecrets({ "HAMADA_SECRETS=base", "DB_USER_NAME=user", "DB_PASSWORD=password" })
	static class Main {

	}

	@SpringBootTest
	@TestSecrets({ "HAMADA_SECRETS=x", "DB_PASWORD=misspelt" })
	static class Misspelt {

	}

	@SpringBootTest(properties = { "ecs-secrets.secrets[0].name=INJECTED_SECRET",
			"ecs-secrets.secrets[0].value-from=injected" })
	@TestSecrets("A=1")
	static class AllInjected {

	}

	@SpringBootTest(properties = "spring.config.name=nothing")
	@TestSecrets("A=1")
	static class NothingDeclared {

	}

	@SpringBootTest
	@TestSecrets({ "HAMADA_SECRETS=x", "DB_PASSWORD:canary" })
	static class WithoutEqualsSign {

	}

	@SpringBootTest
	@TestSecrets({ "HAMADA_SECRETS=x", "HAMADA_SECRETS=y" })
	static class Twice {

	}

	@SpringBootTest(properties = { "ecs-secrets.secrets[0].name=A", "ecs-secrets.secrets[0].value-from=shared",
			"ecs-secrets.secrets[1].name=B", "ecs-secrets.secrets[1].value-from=shared" })
	@TestSecrets({ "A=1", "B=2" })
	static class Contradicting {

	}

	@SpringBootTest(
			properties = { "ecs-secrets.secrets[0].name=A", "ecs-secrets.secrets[0].value-from=name:with:colons" })
	@TestSecrets("A=1")
	static class Invalid {

	}

	@SpringBootTest(properties = { "ecs-secrets.secrets[0].name=A",
			"ecs-secrets.secrets[0].value-from=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:a::",
			"ecs-secrets.secrets[1].name=B",
			"ecs-secrets.secrets[1].value-from=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:b::",
			"ecs-secrets.secrets[1].optional=true" })
	@TestSecrets("A=1")
	static class OptionalKey {

	}

	@SpringBootTest
	static class Plain {

	}

	@SpringBootTest(properties = { "HAMADA_SECRETS=x", "DB_USER_NAME=x", "FEATURE_TOKEN=x" })
	static class HalfGiven {

	}

	@SpringBootTest(properties = "ecs-secrets.store=")
	static class EmptyStore {

	}

	@SpringBootTest(properties = { "ecs-secrets.test.allow-aws=true", "ecs-secrets.aws.region=eu-west-1",
			"ecs-secrets.aws.endpoint=http://127.0.0.1:1" })
	static class Allowed {

	}

	@SpringBootTest(properties = { "HAMADA_SECRETS=property", "DB_PASSWORD=property" })
	@TestPropertySource(properties = { "DB_USER_NAME=source", "FEATURE_TOKEN=source" })
	static class Properties {

	}

	@SpringBootTest(properties = { "HAMADA_SECRETS=property", "DB_USER_NAME=property", "DB_PASSWORD=property" })
	static class WithoutOptional {

	}

	@SpringBootTest(properties = { "HAMADA_SECRETS=none", "ecs-secrets.secrets[0].name=A",
			"ecs-secrets.secrets[0].value-from=a", "ecs-secrets.secrets[0].optional=true" })
	static class OptionalAlone {

	}

	@SpringBootTest(properties = { "A=1", "ecs-secrets.secrets[0].name=A",
			"ecs-secrets.secrets[0].value-from=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:a::",
			"ecs-secrets.secrets[1].name=B",
			"ecs-secrets.secrets[1].value-from=arn:aws:secretsmanager:eu-west-1:123456789012:secret:db:b::",
			"ecs-secrets.secrets[1].optional=true" })
	static class OptionalKeyByProperty {

	}

	@SpringBootTest(properties = "suite=all")
	static class Suite {

	}

	@SpringBootTest(properties = "suite=one")
	@TestSecrets("HAMADA_SECRETS=one")
	static class OneOfSuite {

	}

	@SpringBootTest
	@ActiveProfiles("file")
	static class Profile {

	}

	@SpringBootTest(properties = { "ecs-secrets.enabled=false", "HAMADA_SECRETS=x" })
	static class Disabled {

	}

}
