// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.ecssecrets.SecretValue;
import dev.ecssecrets.boot.jdbc.SecretsPools;
import dev.ecssecrets.boot.validation.LiveSecretNotBlankValidator;
import dev.ecssecrets.boot.validation.LiveSecretValueExtractor;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

import org.springframework.boot.autoconfigure.AutoConfiguration;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the classes of the starter may know, and why.
 */
@AnalyzeClasses(packagesOf = ArchitectureTests.class, importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String SDK = "software.amazon.awssdk..";

	@ArchTest
	static final ArchRule sdkIsUnknown = noClasses().that()
		.doNotBelongToAnyOf(SecretStores.class)
		.should()
		.dependOnClassesThat()
		.resideInAPackage(SDK)
		.because(
				"where all secrets are injected or in a file, the AWS SDK may be absent; only core's package aws knows it");

	@ArchTest
	static final ArchRule storesKnowOnlyCredentialsOfSdk = noClasses().should()
		.dependOnClassesThat(resideInAPackage(SDK).and(not(equivalentTo(AwsCredentialsProvider.class))))
		.because(
				"SecretStores asks for a registered AwsCredentialsProvider, and leaves all else to core's package aws");

	@ArchTest
	static final ArchRule jsonParserIsUnknown = noClasses().should()
		.dependOnClassesThat()
		.resideInAnyPackage("tools.jackson..", "com.fasterxml.jackson..")
		.because("a parser's messages quote the text, and core's GoJson lets none of them out");

	@ArchTest
	static final ArchRule valuesAreRevealedToTheEnvironmentAndTheMaskAlone = noClasses().that()
		.doNotBelongToAnyOf(SecretsPropertySource.class, SecretsSnapshot.class)
		.and()
		.doNotHaveFullyQualifiedName("dev.ecssecrets.boot.actuate.SecretsSanitizingFunction")
		.should()
		.accessTargetWhere(targetOwner(type(SecretValue.class)).and(target(name("reveal"))))
		.because(
				"plain text can be printed: the Environment is where the application looks for it, a snapshot compares it,"
						+ " and the mask looks for it in what endpoints show");

	@ArchTest
	static final ArchRule typesArePublicWhereTheyAreNamed = classes().that()
		.areNotNestedClasses()
		.and()
		.areNotAnnotatedWith(AutoConfiguration.class)
		.and()
		.doNotBelongToAnyOf(Secrets.class, SecretsSnapshot.class, SecretStatus.class, SecretsListener.class,
				SecretsRefreshedEvent.class, LiveSecret.class, CredentialProperties.class, ClientCredentials.class,
				ClientLogins.class, LoginRefusal.class, SecretsEnvironmentPostProcessor.class,
				LiveSecretNotBlankValidator.class, LiveSecretValueExtractor.class, SecretsPools.class)
		.should()
		.notBePublic()
		.because(
				"what is public can never be changed again: users refresh, read the state and live values, listen, and name"
						+ " the order of the post-processor; Java's services have to be; packages of optional libraries log in");

	@ArchTest
	static final ArchRule autoConfigurationsCanBeExcluded = classes().that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic()
		.andShould()
		.haveModifier(JavaModifier.FINAL)
		.because("users name those that they exclude, and extend none");

	@ArchTest
	static final ArchRule roomsDoNotKnowEachOther = slices().matching("dev.ecssecrets.boot.(*)..")
		.should()
		.notDependOnEachOther()
		.because("each package needs a library that an application may not have");

	@ArchTest
	static final ArchRule heartKnowsNoRoom = noClasses().that()
		.resideInAPackage("dev.ecssecrets.boot")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("dev.ecssecrets.boot.*..")
		.because("what is needed without an optional library must not load what needs it");

	@ArchTest
	static void stateIsInFewFields(JavaClasses classes) {
		List<String> mutable = classes.stream()
			.flatMap((type) -> type.getFields().stream())
			.filter(ArchitectureTests::isMutable)
			.map(JavaField::getFullName)
			.sorted()
			.toList();
		assertThat(mutable).as("what can change, and so has to be kept consistent").hasSizeLessThanOrEqualTo(24);
	}

	/**
	 * A field that is not final, or of a type that is made to change. Collections are
	 * copies in records and in types that say that they are immutable.
	 */
	private static boolean isMutable(JavaField field) {
		JavaClass owner = field.getOwner();
		JavaClass type = field.getRawType();
		// An attempt is the state of one login, and gone with it.
		if (field.getModifiers().contains(JavaModifier.SYNTHETIC) || owner.isEnum()
				|| owner.isEquivalentTo(ClientLogins.Attempt.class)) {
			return false;
		}
		if (!field.getModifiers().contains(JavaModifier.FINAL) || type.isAssignableTo(Future.class)
				|| type.getPackageName().equals("java.util.concurrent.atomic")) {
			return true;
		}
		boolean copied = field.getModifiers().contains(JavaModifier.STATIC) || owner.isRecord()
				|| Stream
					.of(SecretsSnapshot.class, SecretsPropertySource.class, SecretsRefreshedEvent.class,
							SecretsConfigurationReader.class)
					.anyMatch(owner::isEquivalentTo);
		return !copied && (type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class));
	}

	@ArchTest
	static final ArchRule standardStreamsAreUntouched = noClasses().should(ACCESS_STANDARD_STREAMS)
		.because("the output belongs to the application");

	@ArchTest
	static final ArchRule javaUtilLoggingIsUnused = noClasses().should(USE_JAVA_UTIL_LOGGING)
		.because("Spring Boot's deferred log reaches the logging system that the application has chosen");

	@ArchTest
	static final ArchRule exceptionsAreUncheckedAndFinal = classes().that()
		.areAssignableTo(Throwable.class)
		.should()
		.beAssignableTo(RuntimeException.class)
		.andShould()
		.haveModifier(JavaModifier.FINAL)
		.allowEmptyShould(true)
		.because("nobody can recover where one is thrown, and a subclass could quote a value in its message");

}
