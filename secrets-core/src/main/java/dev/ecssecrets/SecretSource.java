package dev.ecssecrets;

import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Where a value is from. Immutable.
 *
 * @param name the store, for a person to read, such as
 * {@code Secrets Manager in eu-west-1}
 * @param version which version of the secret the value is: the number of a parameter's,
 * the id of a secret's; {@code null} if the store tells none
 * @param versionStages the staging labels that the version had, such as
 * {@code AWSCURRENT}
 * @param fetched when the store gave the value
 */
public record SecretSource(String name, @Nullable String version, List<String> versionStages, Instant fetched) {

	/**
	 * Creates a source, with a copy of the labels and all texts in printable form.
	 * @param name the store, for a person to read
	 * @param version which version of the secret the value is
	 * @param versionStages the staging labels that the version had
	 * @param fetched when the store gave the value
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
