// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretResolutionException;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of the secrets of an application, read once for each load.
 *
 * @param properties the keys
 * @param declarations the declarations in order, each with its origin
 * @param rejected the failures of invalid keys and declarations
 * @param warnings warnings about probable mistakes, for a person to read
 * @param unbindable the names of secrets that no property binds to or refers to
 */
record SecretsConfiguration(SecretsProperties properties, List<SecretDeclaration> declarations,
		List<SecretFailure> rejected, List<String> warnings, List<String> unbindable) {

	SecretsConfiguration {
		declarations = List.copyOf(declarations);
		rejected = List.copyOf(rejected);
		warnings = List.copyOf(warnings);
		unbindable = List.copyOf(unbindable);
	}

	/**
	 * Returns the first declaration of each name.
	 */
	List<SecretDeclaration> unique() {
		Map<String, SecretDeclaration> unique = new LinkedHashMap<>();
		for (SecretDeclaration declaration : this.declarations) {
			unique.putIfAbsent(declaration.name(), declaration);
		}
		return List.copyOf(unique.values());
	}

	/**
	 * Returns the declarations that are not rejected.
	 */
	List<SecretDeclaration> accepted() {
		if (this.rejected.isEmpty()) {
			return this.declarations;
		}
		Set<@Nullable SecretDeclaration> failed = new HashSet<>();
		this.rejected.forEach((failure) -> failed.add(failure.declaration()));
		return this.declarations.stream().filter((declaration) -> !failed.contains(declaration)).toList();
	}

	/**
	 * Returns one failure for all that is wrong: keys, then secrets in the order of their
	 * declarations.
	 * @param unresolved the accepted secrets that have no value
	 * @param warnings the warnings of the store
	 */
	SecretResolutionException failure(List<SecretFailure> unresolved, List<String> warnings) {
		List<SecretFailure> failures = new ArrayList<>();
		Map<SecretDeclaration, SecretFailure> failed = new HashMap<>();
		Stream.of(this.rejected, unresolved).flatMap(List::stream).forEach((failure) -> {
			if (failure.declaration() != null) {
				failed.put(failure.declaration(), failure);
			}
			else {
				failures.add(failure);
			}
		});
		this.declarations.stream().distinct().map(failed::get).filter(Objects::nonNull).forEach(failures::add);
		List<String> allWarnings = new ArrayList<>(this.warnings);
		this.unbindable.forEach((name) -> allWarnings.add(SecretNames.describeUnbindable(name)));
		allWarnings.addAll(warnings);
		return new SecretResolutionException(this.declarations.size(), failures, allWarnings, FailureFixes::of);
	}

}
