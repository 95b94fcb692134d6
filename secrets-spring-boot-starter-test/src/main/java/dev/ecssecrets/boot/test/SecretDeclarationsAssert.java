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

import dev.ecssecrets.LeastPrivilegePolicy;
import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.TaskDefinition;
import dev.ecssecrets.boot.Secrets;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.io.ApplicationResourceLoader;

/**
 * AssertJ assertions on the secrets that an application declares.
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
	 * {@code valueFrom}. Optional secrets may be absent from the task definition, as ECS
	 * has none.
	 * @param taskDefinition where the JSON of the task definition is, as
	 * {@link TaskDefinition} takes it: a path, or a location such as
	 * {@code classpath:task-definition.json}; only one of its containers has secrets
	 * @return this assertion
	 * @throws AssertionError if they differ, with all that differs
	 * @throws dev.ecssecrets.InvalidTaskDefinitionException if the document cannot be
	 * read or is not a task definition, or if several of its containers have secrets
	 * @throws UncheckedIOException if the location cannot be resolved
	 */
	public SecretDeclarationsAssert areThoseOf(String taskDefinition) {
		return compare(taskDefinition, null);
	}

	/**
	 * Verifies that ECS injects into a container what the application declares.
	 * @param taskDefinition where the JSON of the task definition is
	 * @param container the name of the container
	 * @return this assertion
	 * @throws AssertionError if they differ, with all that differs
	 * @throws dev.ecssecrets.InvalidTaskDefinitionException if the document cannot be
	 * read, is not a task definition, or has no such container
	 * @throws UncheckedIOException if the location cannot be resolved
	 * @see #areThoseOf(String)
	 */
	public SecretDeclarationsAssert areThoseOf(String taskDefinition, String container) {
		return compare(taskDefinition, container);
	}

	/**
	 * Verifies that a file next to the code has the IAM policy that lets a role fetch the
	 * declared secrets, and nothing else. A file that does not exist is written, to be
	 * checked in, and the assertion fails; to write it again, delete it.
	 * @param policy the file
	 * @return this assertion
	 * @throws AssertionError if the file has another policy, or had to be written
	 * @throws UncheckedIOException if the file cannot be read or written
	 * @see LeastPrivilegePolicy
	 */
	public SecretDeclarationsAssert havePolicy(Path policy) {
		return havePolicy(policy, LeastPrivilegePolicy.of(this.actual));
	}

	/**
	 * Does as {@link #havePolicy(Path)}, for secrets that customer managed keys of KMS
	 * encrypt.
	 * @param policy the file
	 * @return this assertion
	 * @throws AssertionError if the file has another policy, or had to be written
	 * @throws UncheckedIOException if the file cannot be read or written
	 * @see LeastPrivilegePolicy#withDecryption
	 */
	public SecretDeclarationsAssert havePolicyWithDecryption(Path policy) {
		return havePolicy(policy, LeastPrivilegePolicy.withDecryption(this.actual));
	}

	private SecretDeclarationsAssert havePolicy(Path file, LeastPrivilegePolicy policy) {
		try {
			if (!Files.exists(file)) {
				Files.writeString(file, policy.json());
				failWithMessage("There was no %s: it has been written, to be checked in", file);
			}
			Assertions.assertThat(Files.readString(file))
				.as("The IAM policy of the declared secrets; to write it again, delete %s", file)
				.isEqualToNormalizingNewlines(policy.json());
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
				differences.add(name + " is not declared by the application" + line(there));
			}
			else if (!here.valueFrom().equals(there.valueFrom())) {
				differences.add(name + " has another valueFrom" + line(here) + line(there));
			}
		});
		declared.forEach((name, here) -> {
			if (!injected.containsKey(name) && !here.optional()) {
				differences.add(name + " is not in the task definition" + line(here));
			}
		});
		if (!differences.isEmpty()) {
			failWithMessage("%s", "The secrets of the application are not those of " + taskDefinition + ":\n\n"
					+ String.join("\n\n", differences) + "\n");
		}
		return this;
	}

	private static TaskDefinition read(String location) {
		try {
			return TaskDefinition.read(location, ApplicationResourceLoader.get().getResource(location).getURL());
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

	private static String line(SecretDeclaration declaration) {
		return "\n    " + PrintableText.of(declaration.writtenValueFrom()) + "\n        at "
				+ Objects.requireNonNullElse(declaration.origin(), "an unknown place");
	}

}
