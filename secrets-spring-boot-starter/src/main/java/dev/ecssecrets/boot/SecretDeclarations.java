package dev.ecssecrets.boot;

import java.util.List;

import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;

import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The declarations as they stand in an application's configuration, and what is wrong
 * with them there. Immutable.
 *
 * @param all the declarations in order, each with its place
 * @param rejected what is wrong; an application whose list is not empty does not start
 * @param warnings what ECS would refuse, although the secrets can be resolved, for a
 * person to read
 */
public record SecretDeclarations(List<SecretDeclaration> all, List<SecretFailure> rejected, List<String> warnings) {

	/**
	 * Creates declarations, with copies of the lists.
	 * @param all the declarations in order
	 * @param rejected what is wrong
	 * @param warnings what ECS would refuse
	 */
	public SecretDeclarations {
		all = List.copyOf(all);
		rejected = List.copyOf(rejected);
		warnings = List.copyOf(warnings);
	}

	/**
	 * Reads the declarations of an application. Nothing is resolved.
	 * @param environment the environment of the application, with its configuration files
	 * @return the declarations
	 * @throws org.springframework.boot.context.properties.bind.BindException if a key
	 * under {@code ecs-secrets} has a value that is not of its type
	 */
	public static SecretDeclarations of(ConfigurableEnvironment environment) {
		return of(environment, SecretsProperties.get(environment));
	}

	static SecretDeclarations of(ConfigurableEnvironment environment, SecretsProperties properties) {
		return new SecretDeclarationsReader(environment, properties, UnknownKey.find(environment)).read();
	}

}
