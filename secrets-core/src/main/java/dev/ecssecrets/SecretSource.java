// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Source of a value. Instances are immutable.
 *
 * @param name the store, for a person to read, such as
 * {@code Secrets Manager in eu-west-1}
 * @param version the version of the value: the number of a parameter's version, or the ID
 * of a secret's; {@code null} if the store does not return one
 * @param versionStages the staging labels of the version, such as {@code AWSCURRENT}
 * @param fetched when the store returned the value
 * @since 0.1.0
 */
public record SecretSource(String name, @Nullable String version, List<String> versionStages, Instant fetched) {

	/**
	 * Creates a source, with a copy of the labels and all texts in printable form.
	 * @param name the store, for a person to read
	 * @param version the version of the value
	 * @param versionStages the staging labels of the version
	 * @param fetched when the store returned the value
	 */
	public SecretSource {
		name = PrintableText.of(name);
		version = (version != null) ? PrintableText.of(version) : null;
		versionStages = versionStages.stream().map(PrintableText::of).toList();
	}

	/**
	 * Returns the store and the version, for a person to read.
	 */
	@Override
	public String toString() {
		return this.name + ((this.version != null) ? ", version " + this.version : "");
	}

}
