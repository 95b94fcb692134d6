// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.ecssecrets.SecretResolver;
import dev.ecssecrets.localstack.LocalStack;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

/**
 * No two types of core, the starter and the LocalStack know each other.
 */
@AnalyzeClasses(locations = MutualDependenciesTests.Library.class)
class MutualDependenciesTests {

	@ArchTest
	static final ArchRule typesKnowEachOtherInOneDirection = classes().that()
		.areTopLevelClasses()
		.should(new KnowNoneThatKnowsThem())
		.because("of two types that know each other, a reader has to understand both before either");

	/**
	 * Nested types count as those that enclose them. A sealed type has to know those that
	 * it permits.
	 */
	private static final class KnowNoneThatKnowsThem extends ArchCondition<JavaClass> {

		private final Map<JavaClass, Set<JavaClass>> known = new HashMap<>();

		KnowNoneThatKnowsThem() {
			super("know none that knows them");
		}

		@Override
		public void init(Collection<JavaClass> types) {
			types.forEach((type) -> {
				Set<JavaClass> known = this.known.computeIfAbsent(type, (key) -> new HashSet<>());
				type.getPackage()
					.getClasses()
					.stream()
					.filter((member) -> topLevel(member).equals(type))
					.flatMap((member) -> member.getDirectDependenciesFromSelf().stream())
					.forEach((dependency) -> known.add(topLevel(dependency.getTargetClass())));
			});
		}

		@Override
		public void check(JavaClass type, ConditionEvents events) {
			for (JavaClass other : this.known.get(type)) {
				boolean mutual = !other.equals(type) && this.known.getOrDefault(other, Set.of()).contains(type)
						&& !isPermitted(type, other) && !isPermitted(other, type);
				if (mutual && type.getName().compareTo(other.getName()) < 0) {
					events.add(SimpleConditionEvent.violated(type,
							type.getName() + " and " + other.getName() + " know each other"));
				}
			}
		}

		private static boolean isPermitted(JavaClass type, JavaClass other) {
			return type.reflect().isSealed() && other.isAssignableTo(type.reflect());
		}

		private static JavaClass topLevel(JavaClass type) {
			JavaClass outermost = type.getBaseComponentType();
			while (outermost.getEnclosingClass().isPresent()) {
				outermost = outermost.getEnclosingClass().get();
			}
			return outermost;
		}

	}

	/**
	 * Where the library is, and not its tests, which share its packages.
	 */
	static final class Library implements LocationProvider {

		@Override
		public Set<Location> get(Class<?> testClass) {
			Set<Location> locations = new HashSet<>();
			for (Class<?> type : Set.of(SecretResolver.class, Secrets.class, LocalStack.class)) {
				locations.add(Location.of(type.getProtectionDomain().getCodeSource().getLocation()));
			}
			return locations;
		}

	}

}
