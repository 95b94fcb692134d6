// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

import dev.ecssecrets.LeastPrivilegePolicy;
import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.TaskDefinition;
import dev.ecssecrets.boot.Secrets;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.core.io.ResourceLoader;
import org.springframework.util.ResourceUtils;

/**
 * AssertJ assertions on the secrets that an application declares.
 *
 * @since 0.1.0
 */
public final class SecretDeclarationsAssert extends AbstractAssert<SecretDeclarationsAssert, List<SecretDeclaration>> {

	private SecretDeclarationsAssert(List<SecretDeclaration> actual) {
		super(actual, SecretDeclarationsAssert.class);
	}

	/**
	 * Starts an assertion.
	 * @param secrets the secrets of the application, a bean that a test gets injected
	 * @return the assertion
	 */
	public static SecretDeclarationsAssert assertThatSecretsOf(Secrets secrets) {
		return new SecretDeclarationsAssert(secrets.current().declarations());
	}

	/**
	 * Verifies that ECS injects what the application declares: each name with the same
	 * {@code valueFrom}. Optional secrets may be absent from the task definition, because
	 * ECS has no optional secrets.
	 * @param taskDefinition the location of a JSON document that {@link TaskDefinition}
	 * reads and of which only one container has secrets: a path,
	 * {@code classpath:task-definition.json}, or the name of a class path resource if
	 * there is no such file
	 * @return this assertion
	 * @throws AssertionError if they differ, with all differences
	 * @throws dev.ecssecrets.InvalidTaskDefinitionException if the document cannot be
	 * read or is not a task definition, or if several of its containers have secrets
	 * @throws UncheckedIOException if the location cannot be resolved
	 */
	public SecretDeclarationsAssert areThoseOf(String taskDefinition) {
		return compare(taskDefinition, null);
	}

	/**
	 * Verifies that ECS injects into a container what the application declares.
	 * @param taskDefinition the location of the document
	 * @param container the name of the container
	 * @return this assertion
	 * @throws AssertionError if they differ, with all differences
	 * @throws dev.ecssecrets.InvalidTaskDefinitionException if the document cannot be
	 * read, is not a task definition, or has no such container
	 * @throws UncheckedIOException if the location cannot be resolved
	 * @see #areThoseOf(String)
	 */
	public SecretDeclarationsAssert areThoseOf(String taskDefinition, String container) {
		return compare(taskDefinition, container);
	}

	/**
	 * Verifies that a file next to the code contains the IAM policy that lets a role
	 * fetch the declared secrets and nothing else. If the file does not exist, this
	 * creates it and fails: review and commit the file. To create it again, delete it.
	 * @param policy the file
	 * @return this assertion
	 * @throws AssertionError if the file has another policy, or was created
	 * @throws UncheckedIOException if the file cannot be read or written
	 * @see LeastPrivilegePolicy
	 */
	public SecretDeclarationsAssert havePolicy(Path policy) {
		return havePolicy(policy, UnaryOperator.identity());
	}

	/**
	 * Verifies a policy as {@link #havePolicy(Path)} does, for customer managed keys of
	 * KMS or without pending versions.
	 * @param policy the file
	 * @param options what to call on the policy, such as
	 * {@link LeastPrivilegePolicy#withDecryption()} or
	 * {@link LeastPrivilegePolicy#withoutPending()}
	 * @return this assertion
	 * @throws AssertionError if the file has another policy, or was created
	 * @throws UncheckedIOException if the file cannot be read or written
	 */
	public SecretDeclarationsAssert havePolicy(Path policy, UnaryOperator<LeastPrivilegePolicy> options) {
		String json = options.apply(LeastPrivilegePolicy.of(this.actual)).json();
		try {
			if (!Files.exists(policy)) {
				Files.writeString(policy, json);
				failWithMessage("%s did not exist and has been created. Review and commit it, then run the test again.",
						policy);
			}
			Assertions.assertThat(Files.readString(policy))
				.as("IAM policy of the declared secrets. To create %s again, delete it and run the test", policy)
				.isEqualToNormalizingNewlines(json);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return this;
	}

	private SecretDeclarationsAssert compare(String taskDefinition, @Nullable String container) {
		Map<String, SecretDeclaration> injected = byName(read(taskDefinition).secrets(container));
		Map<String, SecretDeclaration> declared = byName(this.actual);
		List<String> differences = new ArrayList<>();
		injected.forEach((name, there) -> {
			SecretDeclaration here = declared.get(name);
			if (here == null) {
				differences
					.add(name + " is in the task definition, but not declared by the application:" + inDocument(there));
			}
			else if (!here.valueFrom().equals(there.valueFrom())) {
				differences.add(name + " has a different valueFrom in each:" + inApplication(here) + inDocument(there));
			}
		});
		declared.forEach((name, here) -> {
			if (!injected.containsKey(name) && !here.optional()) {
				differences.add(name + " is declared by the application, but not in the task definition:"
						+ inApplication(here));
			}
		});
		if (!differences.isEmpty()) {
			failWithMessage("%s", "The secrets that the application declares differ from those in " + taskDefinition
					+ ":\n\n" + String.join("\n\n", differences) + "\n");
		}
		return this;
	}

	private static TaskDefinition read(String location) {
		ResourceLoader loader = ApplicationResourceLoader.get();
		String onClassPath = ResourceUtils.CLASSPATH_URL_PREFIX + location;
		boolean useClassPath = !ResourceUtils.isUrl(location) && !loader.getResource(location).exists()
				&& loader.getResource(onClassPath).exists();
		String found = useClassPath ? onClassPath : location;
		try {
			return TaskDefinition.read(found, loader.getResource(found).getURL());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Map<String, SecretDeclaration> byName(List<SecretDeclaration> declarations) {
		Map<String, SecretDeclaration> byName = new LinkedHashMap<>();
		declarations.forEach((declaration) -> byName.put(declaration.name(), declaration));
		return byName;
	}

	private static String inApplication(SecretDeclaration declaration) {
		return describe("application:      ", declaration);
	}

	private static String inDocument(SecretDeclaration declaration) {
		return describe("task definition:  ", declaration);
	}

	private static String describe(String label, SecretDeclaration declaration) {
		return "\n    " + label + PrintableText.of(declaration.writtenValueFrom()) + "\n    "
				+ " ".repeat(label.length()) + "at "
				+ Objects.requireNonNullElse(declaration.origin(), "an unknown place");
	}

}
