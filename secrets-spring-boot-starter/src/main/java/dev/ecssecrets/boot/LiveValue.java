// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;

import dev.ecssecrets.boot.SecretStatus.State;
import org.jspecify.annotations.Nullable;

import org.springframework.core.env.PropertySource;

/**
 * The one implementation of {@link LiveSecret}. The sources of a property are fixed when
 * it is bound; the secrets in them are not.
 */
final class LiveValue implements LiveSecret {

	// Transient for serializers that write fields.
	private final transient @Nullable Property property;

	private transient volatile Reading reading;

	LiveValue(String value) {
		this.property = null;
		this.reading = new Reading(null, Objects.requireNonNull(value));
	}

	private LiveValue(Property property, Reading reading) {
		this.property = property;
		this.reading = reading;
	}

	/**
	 * Returns the value of a property that comes from a secret, or {@code null} if it
	 * does not.
	 */
	static @Nullable LiveValue following(Property property, Predicate<CredentialProperties> comesFromSecret) {
		SecretsSnapshot current = property.secrets.current();
		CredentialProperties properties = property.properties(current);
		return comesFromSecret.test(properties) ? new LiveValue(property, property.read(current, properties)) : null;
	}

	@Override
	public String get() {
		Reading reading = this.reading;
		if (this.property != null) {
			SecretsSnapshot current = this.property.secrets.current();
			if (current != reading.snapshot) {
				reading = reading.isOfSourceOf(current) ? new Reading(current, reading.value)
						: this.property.read(current, this.property.properties(current));
				this.reading = reading;
			}
			if (reading.value == null) {
				throw new IllegalStateException(this.property.name + " has no value now, because an optional secret is"
						+ " absent. Give it a default, such as the empty one of ${NAME:}");
			}
		}
		return Objects.requireNonNull(reading.value);
	}

	/**
	 * Fails. Serializers look for a method that is named like this one, and would
	 * otherwise write an empty object.
	 */
	@SuppressWarnings("DoNotCallSuggester")
	public String getValue() {
		throw new UnsupportedOperationException("A LiveSecret is not serialized. Call get() where its value is needed");
	}

	@Override
	public String toString() {
		return SecretsSnapshot.MASK;
	}

	/**
	 * Value as it was read.
	 *
	 * @param snapshot the snapshot that was current, or {@code null} if none counts
	 * @param value the value
	 */
	private record Reading(@Nullable SecretsSnapshot snapshot, @Nullable String value) {

		boolean isOfSourceOf(SecretsSnapshot current) {
			return this.snapshot != null && current.hasSourceOf(this.snapshot);
		}

		/**
		 * Returns no value.
		 */
		@Override
		public String toString() {
			return SecretsSnapshot.MASK;
		}

	}

	/**
	 * What has a value.
	 *
	 * @param secrets the secrets that the value may come from
	 * @param name what messages call it
	 * @param sources the sources of its properties
	 * @param reader reads the value
	 */
	record Property(Secrets secrets, String name, List<PropertySource<?>> sources,
			Function<CredentialProperties, @Nullable String> reader) {

		/**
		 * Removes the secrets of the current snapshot.
		 */
		Property {
			List<PropertySource<?>> withoutSecrets = new ArrayList<>();
			for (PropertySource<?> source : sources) {
				withoutSecrets.add((source instanceof SecretsPropertySource) ? SecretsPropertySource.empty() : source);
			}
			sources = List.copyOf(withoutSecrets);
		}

		CredentialProperties properties(SecretsSnapshot snapshot) {
			return new CredentialProperties(this.sources, snapshot);
		}

		/**
		 * Returns no values: some sources print theirs.
		 */
		@Override
		public String toString() {
			return this.name;
		}

		Reading read(SecretsSnapshot snapshot, CredentialProperties properties) {
			String value = this.reader.apply(properties);
			return new Reading(snapshot, (value != null && refersToAbsentSecret(value, snapshot)) ? null : value);
		}

		/**
		 * Spring leaves a placeholder as it is if it refers to nothing.
		 */
		private static boolean refersToAbsentSecret(String value, SecretsSnapshot snapshot) {
			return snapshot.secrets()
				.stream()
				.anyMatch((secret) -> secret.state() == State.ABSENT && SecretNames.isReferenced(secret.name(), value));
		}

	}

}
