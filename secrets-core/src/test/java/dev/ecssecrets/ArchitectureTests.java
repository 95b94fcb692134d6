// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.Set;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;

/**
 * Rules for the dependencies of core, each with its reason.
 */
@AnalyzeClasses(locations = ArchitectureTests.Core.class)
class ArchitectureTests {

	private static final String AWS = "dev.ecssecrets.aws..";

	@ArchTest
	static final ArchRule springIsUnknown = noClasses().should()
		.dependOnClassesThat()
		.resideInAPackage("org.springframework..")
		.because("core reproduces what ECS does, with any framework and with none");

	@ArchTest
	static final ArchRule sdkIsInPackageOfItsOwn = noClasses().that()
		.resideOutsideOfPackage("dev.ecssecrets.aws.sdk")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("software.amazon.awssdk..")
		.because("the AWS SDK may be absent where environment or container have everything");

	@ArchTest
	static final ArchRule packageAwsIsUnknown = noClasses().that()
		.resideOutsideOfPackage(AWS)
		.should()
		.dependOnClassesThat()
		.resideInAPackage(AWS)
		.because("AWS is one store among others, and its classes are loaded only if a caller passes it");

	@ArchTest
	static final ArchRule jsonParserIsBehindTwoClasses = noClasses().that()
		.doNotBelongToAnyOf(GoJson.class)
		.and()
		.doNotHaveFullyQualifiedName("dev.ecssecrets.aws.AwsJson")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("tools.jackson..", "com.fasterxml.jackson..")
		.because("the messages of a parser quote the text, and these classes do not pass them on");

	@ArchTest
	static final ArchRule caffeineIsBehindOneClass = noClasses().that()
		.doNotBelongToAnyOf(CachingSecretStore.class)
		.should()
		.dependOnClassesThat()
		.resideInAPackage("com.github.benmanes.caffeine..")
		.because("an application that does not cache must not load its classes");

	@ArchTest
	static final ArchRule valuesAreNotRevealed = noClasses().should()
		.accessTargetWhere(targetOwner(type(SecretValue.class)).and(target(name("reveal"))))
		.because("core needs only the methods of a value that do not print it");

	@ArchTest
	static final ArchRule regularExpressionsAreUnusedInPackageAws = noClasses().that()
		.resideInAPackage(AWS)
		.should()
		.dependOnClassesThat()
		.resideInAPackage("java.util.regex..")
		.orShould()
		.callMethodWhere(
				targetOwner(type(String.class)).and(target(nameMatching("matches|replaceAll|replaceFirst|split"))))
		.because("a service or a proxy controls the text, and with it how long a match takes");

	@ArchTest
	static final ArchRule packagesHaveNoCycles = SlicesRuleDefinition.slices()
		.matching("dev.(**)")
		.should()
		.beFreeOfCycles()
		.because("packages that depend on each other are one package");

	@ArchTest
	static final ArchRule typesHaveNoCycles = SlicesRuleDefinition.slices()
		.assignedFrom(new TopLevelTypes())
		.should()
		.beFreeOfCycles()
		.because("a reader can follow calls in one direction");

	@ArchTest
	static final ArchRule standardStreamsAreUntouched = noClasses().should(ACCESS_STANDARD_STREAMS)
		.because("the output belongs to the application");

	@ArchTest
	static final ArchRule javaUtilLoggingIsUnused = noClasses().should(USE_JAVA_UTIL_LOGGING)
		.because("core does not log: its results and exceptions have all information");

	@ArchTest
	static final ArchRule exceptionsAreUncheckedAndFinal = classes().that()
		.areAssignableTo(Throwable.class)
		.should()
		.beAssignableTo(RuntimeException.class)
		.andShould()
		.haveModifier(JavaModifier.FINAL)
		.because("a caller cannot recover from them, and a subclass could quote a value in its message");

	/**
	 * Slices of top-level types with their nested types.
	 */
	static final class TopLevelTypes implements SliceAssignment {

		@Override
		public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
			JavaClass type = javaClass;
			while (type.getEnclosingClass().isPresent()) {
				type = type.getEnclosingClass().get();
			}
			return SliceIdentifier.of(type.getName());
		}

		@Override
		public String getDescription() {
			return "top-level types";
		}

	}

	/**
	 * Location of core, without the tests and the LocalStack, which share its package.
	 */
	static final class Core implements LocationProvider {

		@Override
		public Set<Location> get(Class<?> testClass) {
			return Set.of(Location.of(SecretResolver.class.getProtectionDomain().getCodeSource().getLocation()));
		}

	}

}
