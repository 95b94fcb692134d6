// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Property source of the fetched secrets of one snapshot. Its type and the end of its
 * name make Spring Boot bind it as it binds environment variables:
 * {@code SPRING_DATASOURCE_PASSWORD} is {@code spring.datasource.password}. It never
 * changes, as Spring Boot copies it: another snapshot has another one.
 */
final class SecretsPropertySource extends SystemEnvironmentPropertySource
		implements OriginLookup<String>, PropertySourceInfo {

	static final String NAME = "ecsSecrets-" + StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

	private static final String INJECTED = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

	private final Map<String, Fetched> secrets;

	private final @Nullable String prefix;

	private final boolean needed;

	private SecretsPropertySource(Map<String, Object> values, Map<String, Fetched> secrets, @Nullable String prefix,
			boolean needed) {
		super(NAME, values);
		this.secrets = Map.copyOf(secrets);
		this.prefix = prefix;
		this.needed = needed;
	}

	static SecretsPropertySource empty() {
		return new SecretsPropertySource(Map.of(), Map.of(), null, false);
	}

	/**
	 * Returns the source of fetched secrets, and of those that properties of the same
	 * names override: Spring Boot binds these properties under exactly their names only,
	 * not as it binds environment variables.
	 * @param secrets the fetched secrets
	 * @param overriding the values that override secrets
	 * @param absent whether there are optional secrets that are absent: then there has to
	 * be a source even if it is empty, as it takes the place of one that had them
	 * @param prefix the prefix that the process environment has
	 */
	static SecretsPropertySource of(Map<String, Fetched> secrets, Map<String, SecretValue> overriding, boolean absent,
			@Nullable String prefix) {
		Map<String, Object> values = new LinkedHashMap<>();
		for (Map.Entry<String, Fetched> secret : secrets.entrySet()) {
			values.put(secret.getKey(), secret.getValue().value().reveal());
		}
		for (Map.Entry<String, SecretValue> value : overriding.entrySet()) {
			values.put(value.getKey(), value.getValue().reveal());
		}
		return new SecretsPropertySource(Collections.unmodifiableMap(values), secrets, prefix,
				absent || !values.isEmpty());
	}

	/**
	 * Returns a source that is bound as this one, with other secrets.
	 */
	SecretsPropertySource filled(Set<String> names, UnaryOperator<String> valueOf) {
		Map<String, Object> values = new LinkedHashMap<>();
		names.forEach((name) -> values.put(name, valueOf.apply(name)));
		return new SecretsPropertySource(values, Map.of(), this.prefix, true);
	}

	/**
	 * Returns a source that is bound as this one, in which some secrets have other
	 * values.
	 */
	SecretsPropertySource with(Map<String, SecretValue> others) {
		Map<String, Object> values = new LinkedHashMap<>(getSource());
		others.forEach((name, value) -> values.put(name, value.reveal()));
		return new SecretsPropertySource(values, Map.of(), this.prefix, true);
	}

	boolean hasSameValues(SecretsPropertySource other) {
		return this.needed == other.needed && getSource().equals(other.getSource());
	}

	/**
	 * Moves the source in an environment that has got it from a parent, below all sources
	 * of its own.
	 */
	static void moveToItsPlace(MutablePropertySources sources, boolean aboveInjected) {
		if (!(sources.get(NAME) instanceof SecretsPropertySource source) || !sources.contains(INJECTED)) {
			return;
		}
		int place = sources.precedenceOf(PropertySource.named(INJECTED)) + (aboveInjected ? -1 : 1);
		if (sources.precedenceOf(source) != place) {
			sources.remove(NAME);
			source.putInto(sources, aboveInjected);
		}
	}

	/**
	 * Returns whether {@link #putInto} would change nothing. Property sources are equal
	 * by their names.
	 */
	@SuppressWarnings("ReferenceEquality")
	boolean isIn(MutablePropertySources sources, boolean aboveInjected) {
		PropertySource<?> present = sources.get(NAME);
		return present == this || (present == null && !this.needed && !aboveInjected);
	}

	/**
	 * Takes the place of the source of another snapshot, without a moment in which there
	 * is none.
	 */
	void putInto(MutablePropertySources sources, boolean aboveInjected) {
		if (sources.contains(NAME)) {
			sources.replace(NAME, this);
		}
		else if (aboveInjected && sources.contains(INJECTED)) {
			sources.addBefore(INJECTED, this);
		}
		else if (this.needed && sources.contains(INJECTED)) {
			sources.addAfter(INJECTED, this);
		}
		else if (this.needed) {
			sources.addLast(this);
		}
	}

	@Override
	public @Nullable Origin getOrigin(String key) {
		Fetched secret = this.secrets.get(resolvePropertyName(key));
		return (secret != null) ? new SecretOrigin(secret) : null;
	}

	@Override
	public boolean isImmutable() {
		return true;
	}

	@Override
	public @Nullable String getPrefix() {
		return this.prefix;
	}

	/**
	 * Returns no values, unlike the inherited method where DEBUG is on.
	 */
	@Override
	public String toString() {
		return getClass().getSimpleName() + " {name='" + NAME + "'}";
	}

	/**
	 * Where a secret is from.
	 *
	 * @param secret the secret
	 */
	record SecretOrigin(Fetched secret) implements Origin {

		@Override
		public String toString() {
			String declaredAt = this.secret.declaration().origin();
			return this.secret.source() + ((declaredAt != null) ? ", declared at " + PrintableText.of(declaredAt) : "");
		}

	}

}
