package dev.ecssecrets.samples.rotating;

import java.sql.Connection;
import java.sql.SQLException;
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
		return new SpringApplicationBuilder(RotatingDatabaseApplication.class)
			.addBootstrapRegistryInitializer(
					(registry) -> registry.register(AwsCredentialsProvider.class, InstanceSupplier.of(credentials)))
			.run(StringUtils.concatenateStringArrays(arguments, new String[] { "--database.secret=" + arn,
					"--ecs-secrets.aws.endpoint=" + this.localStack.endpoint() }));
	}

}
