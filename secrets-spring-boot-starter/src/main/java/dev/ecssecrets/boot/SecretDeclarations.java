package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * The declarations as they stand in an application's configuration, and what is wrong
 * with them there. Immutable.
 *
 * @param all the declarations in order, each with its place
 * @param rejected what is wrong; an application whose list is not empty does not start
 */
public record SecretDeclarations(List<SecretDeclaration> all, List<SecretFailure> rejected) {

	static final ConfigurationPropertyName SECRETS = ConfigurationPropertyName
		.of(SecretsProperties.PREFIX + ".secrets");

	/**
	 * What Spring Boot, Spring Cloud and this library read before the secrets are there.
	 */
	private static final List<ConfigurationPropertyName> READ_EARLIER = Stream
		.of("spring.application.json", "spring.cloud.bootstrap", "spring.config", "spring.main.cloud.platform",
				"spring.profiles", "ecs.secrets", "ecssecrets")
		.map(ConfigurationPropertyName::of)
		.toList();

	/**
	 * Creates declarations, with copies of the lists.
	 * @param all the declarations in order
	 * @param rejected what is wrong
	 */
	public SecretDeclarations {
		all = List.copyOf(all);
		rejected = List.copyOf(rejected);
	}

	/**
	 * Reads the declarations of an application. Nothing is resolved.
	 * @param environment the environment of the application, with its configuration files
	 * @return the declarations
	 * @throws org.springframework.boot.context.properties.bind.BindException if a key
	 * under {@code ecs-secrets} has a value that is not of its type
	 */
	public static SecretDeclarations of(ConfigurableEnvironment environment) {
		return read(environment, SecretsProperties.get(Binder.get(environment)), UnknownKey.find(environment));
	}

	static SecretDeclarations read(ConfigurableEnvironment environment, SecretsProperties properties,
			List<UnknownKey> unknownKeys) {
		List<SecretsProperties.Secret> secrets = properties.secrets();
		List<UnknownKey> mistakes = unknownKeys.stream().filter(UnknownKey::isMistake).toList();
		Predicate<String> injected = SecretsEnvironmentPostProcessor.injected(environment);
		ConfigurationPropertySource source = source(environment);
		List<SecretDeclaration> all = new ArrayList<>();
		List<SecretFailure> rejected = new ArrayList<>();
		mistakes.stream()
			.filter((key) -> IntStream.range(0, secrets.size()).noneMatch((i) -> element(i).isAncestorOf(key.name())))
			.map(UnknownKey::failure)
			.forEach(rejected::add);
		for (int i = 0; i < secrets.size(); i++) {
			SecretsProperties.Secret secret = secrets.get(i);
			ConfigurationPropertyName element = element(i);
			ConfigurationProperty name = property(source, element.append("name"));
			ConfigurationProperty valueFrom = property(source, element.append("value-from"));
			SecretDeclaration declaration = new SecretDeclaration(Objects.requireNonNullElse(secret.name(), ""),
					Objects.requireNonNullElse(secret.valueFrom(), ""), secret.optional(), origin(name, valueFrom));
			all.add(declaration);
			UnknownKey key = mistakes.stream().filter((it) -> element.isAncestorOf(it.name())).findFirst().orElse(null);
			if (key != null) {
				rejected.add(new SecretFailure(declaration, Reason.UNKNOWN_KEY, key.toString()));
			}
			else if (isUnquoted(name) || isUnquoted(valueFrom)) {
				rejected.add(new SecretFailure(declaration, Reason.INVALID_DECLARATION,
						"YAML takes a part of it for a number or a boolean: put name and value-from in quotes"));
			}
			else if (isReadEarlier(declaration.name()) && !injected.test(declaration.name())) {
				rejected.add(new SecretFailure(declaration, Reason.READ_TOO_EARLY,
						"what has this name is read before the secrets are there"));
			}
		}
		return new SecretDeclarations(all, rejected);
	}

	/**
	 * Returns the source of the list: as with every list, one source has all of it.
	 */
	static @Nullable ConfigurationPropertySource source(Environment environment) {
		return StreamSupport.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
			.filter((source) -> source.getConfigurationProperty(SECRETS) != null
					|| source.containsDescendantOf(SECRETS) == ConfigurationPropertyState.PRESENT)
			.findFirst()
			.orElse(null);
	}

	private static ConfigurationPropertyName element(int index) {
		return SECRETS.append("[" + index + "]");
	}

	private static @Nullable ConfigurationProperty property(@Nullable ConfigurationPropertySource source,
			ConfigurationPropertyName name) {
		return (source != null) ? source.getConfigurationProperty(name) : null;
	}

	private static @Nullable String origin(@Nullable ConfigurationProperty... properties) {
		return Stream.of(properties)
			.filter(Objects::nonNull)
			.map(ConfigurationProperty::getOrigin)
			.filter(Objects::nonNull)
			.map(Object::toString)
			.findFirst()
			.orElse(null);
	}

	/**
	 * YAML reads {@code ON} as {@code true} and {@code 0123} as {@code 83}.
	 */
	private static boolean isUnquoted(@Nullable ConfigurationProperty property) {
		return property != null && (property.getValue() instanceof Boolean || property.getValue() instanceof Number);
	}

	private static boolean isReadEarlier(String name) {
		ConfigurationPropertyName property = ConfigurationPropertyName
			.adapt(name.toLowerCase(Locale.ROOT).replace('_', '.'), '.');
		return READ_EARLIER.stream().anyMatch((early) -> early.equals(property) || early.isAncestorOf(property));
	}

}
