package dev.ecssecrets.boot.test;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * What the classes of the test module may know, and why.
 */
@AnalyzeClasses(packages = "dev.ecssecrets.boot.test", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	@ArchTest
	static final ArchRule sdkIsKnownToOneClass = noClasses().that()
		.doNotBelongToAnyOf(LocalStackSecrets.class)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("software.amazon.awssdk..", "dev.ecssecrets.localstack..")
		.because("a test with secrets in memory does not wait for classes of the AWS SDK");

	@ArchTest
	static final ArchRule onlyWhatTestsNameIsPublic = classes().that()
		.doNotBelongToAnyOf(TestSecrets.class, SecretDeclarationsAssert.class)
		.should()
		.notBePublic()
		.because("what is public could never be changed again");

}
