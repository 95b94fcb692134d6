package dev.ecssecrets.boot;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

import dev.ecssecrets.ResolvedSecrets;
import dev.ecssecrets.ResolvedSecrets.Fetched;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.env.PropertySourceInfo;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
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

	private final Map<String, Fetched> secrets;

	private final @Nullable String prefix;

	SecretsPropertySource(ResolvedSecrets secrets, @Nullable String prefix) {
		super(NAME, values(secrets));
		this.secrets = secrets.fetched()
			.stream()
			.collect(Collectors.toMap((fetched) -> fetched.declaration().name(), (fetched) -> fetched));
		this.prefix = prefix;
	}

	private static Map<String, Object> values(ResolvedSecrets secrets) {
		Map<String, Object> values = new LinkedHashMap<>();
		secrets.fetched().forEach((fetched) -> values.put(fetched.declaration().name(), fetched.value().reveal()));
		return Collections.unmodifiableMap(values);
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
