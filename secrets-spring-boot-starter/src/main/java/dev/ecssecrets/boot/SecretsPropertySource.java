package dev.ecssecrets.boot;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.PropertySources;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * The fetched secrets. Its type and the end of its name make Spring Boot bind it as it
 * binds environment variables: {@code SPRING_DATASOURCE_PASSWORD} is
 * {@code spring.datasource.password}.
 */
final class SecretsPropertySource extends SystemEnvironmentPropertySource
		implements OriginLookup<String>, PropertySourceInfo {

	static final String NAME = "ecsSecrets-" + StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

	private static final String INJECTED = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;

	private final Map<String, Fetched> secrets;

	private final @Nullable String prefix;

	private final boolean needed;

	private final long made = System.nanoTime();

	private SecretsPropertySource(ResolvedSecrets secrets, @Nullable String prefix) {
		super(NAME, values(secrets));
		this.secrets = secrets.fetched()
			.stream()
			.collect(Collectors.toMap((fetched) -> fetched.declaration().name(), (fetched) -> fetched));
		this.prefix = prefix;
		// An empty one takes the place of one that had optional secrets.
		this.needed = !secrets.fetched().isEmpty() || !secrets.absent().isEmpty();
	}

	/**
	 * Returns the source of secrets beside other sources.
	 */
	static SecretsPropertySource of(ResolvedSecrets secrets, PropertySources beside) {
		return new SecretsPropertySource(secrets,
				(beside.get(INJECTED) instanceof PropertySourceInfo info) ? info.getPrefix() : null);
	}

	private static Map<String, Object> values(ResolvedSecrets secrets) {
		Map<String, Object> values = new LinkedHashMap<>();
		secrets.fetched().forEach((fetched) -> values.put(fetched.declaration().name(), fetched.value().reveal()));
		return Collections.unmodifiableMap(values);
	}

	/**
	 * Returns the names of the secrets that have other values with another source of
	 * secrets in the place of this one.
	 */
	static Set<String> changes(@Nullable PropertySource<?> before, @Nullable PropertySource<?> after,
			PropertySources beside) {
		Set<String> names = new TreeSet<>();
		for (PropertySource<?> source : Arrays.asList(before, after)) {
			if (source instanceof SecretsPropertySource secrets) {
				names.addAll(secrets.getSource().keySet());
			}
		}
		PropertySource<?> injected = beside.get(INJECTED);
		names.removeIf((name) -> Objects.equals(value(name, before, injected), value(name, after, injected)));
		return Collections.unmodifiableSet(names);
	}

	private static @Nullable Object value(String name, @Nullable PropertySource<?>... sources) {
		for (PropertySource<?> source : sources) {
			if (source instanceof SystemEnvironmentPropertySource variables) {
				Object value = variables.getSource().get(name);
				if (value != null) {
					return value;
				}
			}
		}
		return null;
	}

	boolean isOlderThan(SecretsPropertySource other) {
		return this.made - other.made < 0;
	}

	/**
	 * Takes the place of the source of secrets that is there, without a moment in which
	 * there is none.
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
	 * The inherited one shows all properties where DEBUG is on.
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
			return this.secret.source() + ((declaredAt != null) ? ", declared at " + declaredAt : "");
		}

	}

}
