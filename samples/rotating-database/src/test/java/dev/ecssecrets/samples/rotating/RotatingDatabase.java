// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.net.URI;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import dev.ecssecrets.servers.DatabaseServer;
import dev.ecssecrets.servers.DatabaseServer.Engine;
import dev.ecssecrets.servers.DatabaseServer.Session;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.StringUtils;

/**
 * A database, the user that owns it, and the secret with the user's password. The first
 * two have the same name.
 */
final class RotatingDatabase {

	private final Engine engine;

	private final String name;

	/**
	 * Makes the three.
	 * @param engine what manages the database
	 * @param name the name
	 */
	RotatingDatabase(Engine engine, String name) throws SQLException {
		this.engine = engine;
		this.name = name;
		String password = UUID.randomUUID().toString();
		DatabaseServer server = DatabaseServer.get(engine);
		server.createDatabase(name, password);
		LocalStack.get()
			.putSecret(secret(),
					JsonMapper.shared()
						.createObjectNode()
						.put("engine", engine.key())
						.put("host", server.host())
						.put("username", name)
						.put("password", password)
						.put("dbname", name)
						.put("port", server.port())
						.toString());
	}

	String secret() {
		return this.engine.key() + "/" + this.name;
	}

	Rotation rotation(Strategy strategy, Runnable gap) {
		return new Rotation(LocalStack.get().secretsManager(), secret(), DatabaseServer.get(this.engine), strategy,
				gap);
	}

	/**
	 * Runs the application with the secret.
	 * @param arguments of the command line, besides those that lead to the secret
	 * @return the running application, to be closed
	 */
	ConfigurableApplicationContext runApplication(String... arguments) {
		return runApplication(LocalStack.get().endpoint(), arguments);
	}

	/**
	 * Runs the application with the secret.
	 * @param endpoint where it calls AWS
	 * @param arguments of the command line, besides those that lead to the secret
	 * @return the running application, to be closed
	 */
	ConfigurableApplicationContext runApplication(URI endpoint, String... arguments) {
		LocalStack localStack = LocalStack.get();
		AwsCredentialsProvider credentials = StaticCredentialsProvider
			.create(AwsBasicCredentials.create(localStack.accessKeyId(), localStack.secretAccessKey()));
		String arn = "arn:aws:secretsmanager:%s:%s:secret:%s".formatted(localStack.region(), localStack.accountId(),
				secret());
		SpringApplicationBuilder application = new SpringApplicationBuilder(RotatingDatabaseApplication.class)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(AwsCredentialsProvider.class, InstanceSupplier.of(credentials)));
		String[] all = StringUtils.concatenateStringArrays(arguments,
				new String[] { "--database.secret=" + arn, "--ecs-secrets.aws.endpoint=" + endpoint });
		// Each start sets up the logging of the JVM, and two at once may fail in it.
		synchronized (RotatingDatabase.class) {
			return application.run(all);
		}
	}

	/**
	 * Ends all sessions, as a failover or a restart does.
	 */
	void endSessions() throws SQLException {
		DatabaseServer.get(this.engine).endSessions(this.name);
	}

	/**
	 * {@return how many logins the server has refused}
	 */
	long refusedLogins() {
		return DatabaseServer.get(this.engine).refusedLogins(this.name);
	}

	/**
	 * Returns whether there are sessions, and all of them are of one user and newer than
	 * another session.
	 * @param user the user
	 * @param other the other session
	 * @return whether older sessions and those of other users have ended
	 */
	boolean hasOnlySessionsOf(String user, Session other) throws SQLException {
		List<Session> sessions = DatabaseServer.get(this.engine).sessions(this.name);
		return !sessions.isEmpty()
				&& sessions.stream().allMatch((session) -> session.user().equals(user) && session.isAfter(other));
	}

}
