package dev.ecssecrets.boot;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import dev.ecssecrets.SecretDeclaration;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * The keys under {@code ecs-secrets}.
 *
 * @param enabled whether secrets are resolved
 * @param secrets the declared secrets, as in a container definition
 * @param store where secrets that are not injected are fetched from
 * @param file the local file
 * @param aws the access to AWS
 * @param timeout how long it may take to fetch all secrets
 */
@ConfigurationProperties(SecretsProperties.PREFIX)
record SecretsProperties(@DefaultValue("true") boolean enabled, @DefaultValue List<Secret> secrets,
		@DefaultValue("aws") Store store, @DefaultValue File file, @DefaultValue Aws aws,
		@DefaultValue("60s") Duration timeout) {

	static final String PREFIX = "ecs-secrets";

	private static final ConfigurationPropertyName SECRETS = ConfigurationPropertyName.of(PREFIX + ".secrets");

	static SecretsProperties get(Binder binder) {
		return binder.bindOrCreate(PREFIX, SecretsProperties.class);
	}

	/**
	 * Returns the declarations, each with the place where it stands.
	 * @param environment the environment that the properties are from
	 * @return the declarations
	 */
	List<SecretDeclaration> declarations(Environment environment) {
		// As with every list, one source has all of it.
		ConfigurationPropertySource source = StreamSupport
			.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
			.filter((candidate) -> candidate.containsDescendantOf(SECRETS) == ConfigurationPropertyState.PRESENT)
			.findFirst()
			.orElse(null);
		List<SecretDeclaration> declarations = new ArrayList<>();
		for (int i = 0; i < this.secrets.size(); i++) {
			Secret secret = this.secrets.get(i);
			declarations.add(new SecretDeclaration(Objects.requireNonNullElse(secret.name(), ""),
					Objects.requireNonNullElse(secret.valueFrom(), ""), secret.optional(), origin(source, i)));
		}
		return declarations;
	}

	private static @Nullable String origin(@Nullable ConfigurationPropertySource source, int index) {
		if (source == null) {
			return null;
		}
		ConfigurationPropertyName secret = SECRETS.append("[" + index + "]");
		return Stream.of(secret.append("name"), secret.append("value-from"))
			.map(source::getConfigurationProperty)
			.filter(Objects::nonNull)
			.map(ConfigurationProperty::getOrigin)
			.filter(Objects::nonNull)
			.map(Object::toString)
			.findFirst()
			.orElse(null);
	}

	/**
	 * A declared secret.
	 *
	 * @param name the name of the environment variable
	 * @param valueFrom where the value is
	 * @param optional whether the value may not exist
	 */
	record Secret(@Nullable String name, @Nullable String valueFrom, @DefaultValue("false") boolean optional) {

	}

	/**
	 * Where secrets are fetched from.
	 */
	enum Store {

		/**
		 * SSM Parameter Store and Secrets Manager.
		 */
		AWS,

		/**
		 * A local JSON file.
		 */
		FILE

	}

	/**
	 * The local file.
	 *
	 * @param location where the file is; a path, or a location with a prefix such as
	 * "classpath:"
	 */
	record File(@Nullable String location) {

		File {
			location = StringUtils.hasText(location) ? location : null;
		}

	}

	/**
	 * The access to AWS.
	 *
	 * @param region the region of parameters that are declared by name; default is the
	 * AWS SDK's
	 * @param endpoint the endpoint of both services, such as a LocalStack; default is the
	 * AWS SDK's
	 * @param profile the profile for credentials and region; default is the AWS SDK's
	 */
	record Aws(@Nullable String region, @Nullable URI endpoint, @Nullable String profile) {

		Aws {
			// An empty key in YAML is an empty string here.
			region = StringUtils.hasText(region) ? region : null;
			profile = StringUtils.hasText(profile) ? profile : null;
		}

	}

}
