// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.ecssecrets.SecretValue;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
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
	static final ArchRule valuesAreRevealedInTwoPlaces = noClasses().that()
		.doNotBelongToAnyOf(LocalStackSecrets.class, TestValues.class)
		.should()
		.accessTargetWhere(targetOwner(type(SecretValue.class)).and(target(name("reveal"))))
		.because("a LocalStack needs the plain text, and so does the comparison with what a test gives; a third place"
				+ " could print it");

	@ArchTest
	static final ArchRule onlyWhatTestsNameIsPublic = classes().that()
		.doNotBelongToAnyOf(TestSecrets.class, SecretDeclarationsAssert.class)
		.should()
		.notBePublic()
		.because("what is public could never be changed again");

}
