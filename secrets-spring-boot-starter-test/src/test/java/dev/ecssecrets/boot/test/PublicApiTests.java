// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code api.txt} lists all public types of the published modules with their members. A
 * change of it is a change for users: VERSIONING.md says which are allowed.
 */
class PublicApiTests {

	private static final List<Class<?>> MODULES = List.of(SecretStore.class, Secrets.class, LocalStack.class,
			TestSecrets.class, InMemorySecretStore.class);

	@Test
	void publicTypesAndMembersAreThoseOfTheList() throws IOException {
		List<String> api = ArchConfiguration.withThreadLocalScope((configuration) -> {
			configuration.setResolveMissingDependenciesFromClassPath(false);
			return MODULES.stream().flatMap(PublicApiTests::types).sorted().toList();
		});
		Path actual = Files.write(Path.of("target", "api.txt"), api);
		assertThat(actual).as("If the change is intended: cp secrets-spring-boot-starter-test/target/api.txt api.txt")
			.hasSameTextualContentAs(Path.of("..", "api.txt"));
	}

	private static Stream<String> types(Class<?> module) {
		JavaClasses classes = new ClassFileImporter()
			.importUrl(module.getProtectionDomain().getCodeSource().getLocation());
		boolean ofTests = module == InMemorySecretStore.class;
		return classes.stream()
			.filter((type) -> !ofTests || type.getPackageName().equals(module.getPackageName()))
			.filter(PublicApiTests::isPublic)
			.map(PublicApiTests::text);
	}

	private static boolean isPublic(JavaClass type) {
		return isVisible(type.getModifiers().contains(JavaModifier.PUBLIC),
				type.getModifiers().contains(JavaModifier.PROTECTED))
				&& type.getEnclosingClass().map(PublicApiTests::isPublic).orElse(true) && !type.isAnonymousClass();
	}

	private static boolean isVisible(boolean isPublic, boolean isProtected) {
		return isPublic || isProtected;
	}

	/**
	 * Returns a text for a type, which begins with its name.
	 */
	private static String text(JavaClass type) {
		List<String> lines = new ArrayList<>();
		lines.add(type.getFullName() + ": " + kind(type));
		type.getMembers()
			.stream()
			.filter((member) -> isVisible(member.getModifiers().contains(JavaModifier.PUBLIC),
					member.getModifiers().contains(JavaModifier.PROTECTED)
							&& !type.getModifiers().contains(JavaModifier.FINAL)))
			.filter((member) -> !member.getModifiers().contains(JavaModifier.SYNTHETIC))
			.map((member) -> "\t" + describe(member))
			.sorted(Comparator.naturalOrder())
			.forEach(lines::add);
		return String.join("\n", lines);
	}

	private static String kind(JavaClass type) {
		String kind = type.isAnnotation() ? "annotation"
				: type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
		return modifiers(type.getModifiers().stream()) + kind
				+ superTypes(Stream.concat(type.getSuperclass().stream(), type.getInterfaces().stream()));
	}

	private static String superTypes(Stream<JavaType> types) {
		String names = types.map(JavaType::getName)
			.filter((name) -> !name.startsWith("java.lang.") || name.endsWith("Exception"))
			.sorted()
			.collect(Collectors.joining(", "));
		return names.isEmpty() ? "" : " of " + names;
	}

	private static String describe(JavaMember member) {
		String modifiers = modifiers(member.getModifiers().stream());
		if (member instanceof JavaField field) {
			return modifiers + field.getType().getName() + " " + field.getName();
		}
		JavaCodeUnit unit = (JavaCodeUnit) member;
		String parameters = unit.getParameterTypes().stream().map(JavaType::getName).collect(Collectors.joining(", "));
		return modifiers + ((unit instanceof JavaMethod) ? unit.getReturnType().getName() + " " : "") + unit.getName()
				+ "(" + parameters + ")";
	}

	private static String modifiers(Stream<JavaModifier> modifiers) {
		return modifiers
			.filter((modifier) -> modifier == JavaModifier.STATIC || modifier == JavaModifier.ABSTRACT
					|| modifier == JavaModifier.FINAL || modifier == JavaModifier.PROTECTED)
			.map((modifier) -> modifier.name().toLowerCase(Locale.ROOT) + " ")
			.sorted()
			.collect(Collectors.joining());
	}

}
