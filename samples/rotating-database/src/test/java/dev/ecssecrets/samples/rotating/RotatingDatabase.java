package dev.ecssecrets.samples.rotating;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;

import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.util.StringUtils;

/**
 * A database, the user that owns it, and the secret with the user's password. All three
 * have the same name.
 */
final class RotatingDatabase {

	private final PostgreSql server;

	private final LocalStack localStack;

	private final String name;

	/**
	 * Makes the three.
	 * @param server where the database will be
	 * @param localStack where the secret will be
	 * @param name the name
	 */
	RotatingDatabase(PostgreSql server, LocalStack localStack, String name) throws SQLException {
		this.server = server;
		this.localStack = localStack;
		this.name = name;
		String password = UUID.randomUUID().toString();
		try (Connection admin = server.connectAsAdmin("postgres")) {
			Rotation.execute(admin, "create role %I login password %L", name, password);
			Rotation.execute(admin, "create database %I owner %I", name, name);
		}
		localStack.putSecret(name,
				JsonMapper.shared()
					.createObjectNode()
					.put("engine", "postgres")
					.put("host", server.host())
					.put("username", name)
					.put("password", password)
					.put("dbname", name)
					.put("port", server.port())
					.toString());
	}

	String name() {
		return this.name;
	}

	Rotation rotation(Strategy strategy, Runnable gap) {
		return new Rotation(this.localStack.secretsManager(), this.name, this.server, strategy, gap);
	}

	/**
	 * Runs the application with the secret.
	 * @param arguments of the command line, besides those that lead to the secret
	 * @return the running application, to be closed
	 */
	ConfigurableApplicationContext runApplication(String... arguments) {
		AwsCredentialsProvider credentials = StaticCredentialsProvider
			.create(AwsBasicCredentials.create(this.localStack.accessKeyId(), this.localStack.secretAccessKey()));
		String arn = "arn:aws:secretsmanager:%s:%s:secret:%s".formatted(this.localStack.region(),
				this.localStack.accountId(), this.name);
		SpringApplicationBuilder application = new SpringApplicationBuilder(RotatingDatabaseApplication.class)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(AwsCredentialsProvider.class, InstanceSupplier.of(credentials)));
		String[] all = StringUtils.concatenateStringArrays(arguments, new String[] { "--database.secret=" + arn,
				"--ecs-secrets.aws.endpoint=" + this.localStack.endpoint() });
		// Each start sets up the logging of the JVM, and two at once may fail in it.
		synchronized (RotatingDatabase.class) {
			return application.run(all);
		}
	}

	/**
	 * Ends all sessions, as a failover or a restart does.
	 */
	void endSessions() throws SQLException {
		try (Connection admin = this.server.connectAsAdmin("postgres");
				PreparedStatement statement = admin.prepareStatement("""
						select pg_terminate_backend(pid) from pg_stat_activity
						where datname = ? and backend_type = 'client backend'
						""")) {
			statement.setString(1, this.name);
			statement.execute();
		}
	}

	/**
	 * Returns whether there are sessions, and all of them are of one user and newer than
	 * a moment.
	 * @param user the user
	 * @param moment the moment
	 * @return whether older sessions and those of other users have ended
	 */
	boolean hasOnlySessionsOf(String user, Instant moment) throws SQLException {
		try (Connection admin = this.server.connectAsAdmin("postgres");
				PreparedStatement statement = admin.prepareStatement("""
						select count(*) > 0 and bool_and(usename = ? and backend_start > ?)
						from pg_stat_activity where datname = ? and backend_type = 'client backend'
						""")) {
			statement.setString(1, user);
			statement.setObject(2, moment.atOffset(ZoneOffset.UTC));
			statement.setString(3, this.name);
			try (ResultSet row = statement.executeQuery()) {
				return row.next() && row.getBoolean(1);
			}
		}
	}

}
