package dev.ecssecrets.boot;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.ecssecrets.SecretValue;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

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
	static final ArchRule valuesAreRevealedToTheEnvironmentAlone = noClasses().that()
		.doNotBelongToAnyOf(SecretsPropertySource.class)
		.should()
		.accessTargetWhere(targetOwner(type(SecretValue.class)).and(target(name("reveal"))))
		.because("who has a plain text can print it, and the Environment is where the application looks for it");

	@ArchTest
	static final ArchRule typesAreNotPublic = classes().that()
		.doNotBelongToAnyOf(SecretDeclarations.class, SecretsRefresher.class, SecretsRefreshedEvent.class,
				SecretsEndpoint.class)
		.should()
		.notBePublic()
		.because("users write configuration, and code only to compare their declarations with something,"
				+ " to refresh and to hear of it, and to show what the endpoint tells: what is public could never be changed again");

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
