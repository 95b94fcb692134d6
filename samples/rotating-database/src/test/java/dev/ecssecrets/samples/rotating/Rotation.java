// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;

import dev.ecssecrets.servers.DatabaseServer;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The four steps of the functions by which AWS rotates the secret of a database, as
 * LocalStack runs no functions.
 */
final class Rotation {

	private static final String CURRENT = "AWSCURRENT";

	private static final String PENDING = "AWSPENDING";

	private static final String CLONE = "_clone";

	// What AWS's functions exclude.
	private static final String EXCLUDED = "/@\"'\\";

	private static final JsonMapper JSON = JsonMapper.shared();

	private final SecretsManagerClient secretsManager;

	private final String secret;

	private final DatabaseServer server;

	private final Strategy strategy;

	private final Runnable gap;

	/**
	 * Prepares rotations.
	 * @param secretsManager where the secret is
	 * @param secret the name of the secret
	 * @param server the server that the secret is for
	 * @param strategy who gets a new password
	 * @param gap what happens after the database has the new password and before the
	 * secret has it
	 */
	Rotation(SecretsManagerClient secretsManager, String secret, DatabaseServer server, Strategy strategy,
			Runnable gap) {
		this.secretsManager = secretsManager;
		this.secret = secret;
		this.server = server;
		this.strategy = strategy;
		this.gap = gap;
	}

	/**
	 * Rotates the secret.
	 * @return what has been done
	 */
	Rotated rotate() throws SQLException {
		GetSecretValueResponse currentVersion = this.secretsManager
			.getSecretValue((request) -> request.secretId(this.secret).versionStage(CURRENT));
		ObjectNode current = (ObjectNode) JSON.readTree(currentVersion.secretString());
		String pendingVersion = UUID.randomUUID().toString();
		ObjectNode pending = createSecret(current, pendingVersion);
		setSecret(current, pending);
		Instant databaseChanged = Instant.now();
		this.gap.run();
		testSecret(pending);
		finishSecret(currentVersion.versionId(), pendingVersion);
		return new Rotated(user(pending), databaseChanged, Instant.now());
	}

	private ObjectNode createSecret(ObjectNode current, String version) {
		ObjectNode pending = current.deepCopy();
		if (this.strategy == Strategy.ALTERNATING_USERS) {
			pending.put("username", other(user(current)));
		}
		pending.put("password", newPassword());
		this.secretsManager.putSecretValue((request) -> request.secretId(this.secret)
			.clientRequestToken(version)
			.secretString(pending.toString())
			.versionStages(PENDING));
		return pending;
	}

	private void setSecret(ObjectNode current, ObjectNode pending) throws SQLException {
		if (this.strategy == Strategy.SINGLE_USER) {
			try (Connection self = connect(current)) {
				this.server.changePassword(self, user(pending), password(pending));
			}
			return;
		}
		try (Connection admin = this.server.connectAsAdmin()) {
			this.server.cloneUser(admin, user(current), user(pending), password(pending));
		}
	}

	private void testSecret(ObjectNode pending) throws SQLException {
		connect(pending).close();
	}

	private void finishSecret(String currentVersion, String pendingVersion) {
		this.secretsManager.updateSecretVersionStage((request) -> request.secretId(this.secret)
			.versionStage(CURRENT)
			.moveToVersionId(pendingVersion)
			.removeFromVersionId(currentVersion));
	}

	/**
	 * Makes a password that Spring takes as it is: <code>${</code> would begin a
	 * placeholder.
	 */
	private String newPassword() {
		while (true) {
			String password = this.secretsManager
				.getRandomPassword((request) -> request.passwordLength(32L).excludeCharacters(EXCLUDED))
				.randomPassword();
			if (!password.contains("${")) {
				return password;
			}
		}
	}

	private Connection connect(ObjectNode secret) throws SQLException {
		return this.server.connect(database(secret), user(secret), password(secret));
	}

	private static String other(String user) {
		return user.endsWith(CLONE) ? user.substring(0, user.length() - CLONE.length()) : user + CLONE;
	}

	private static String database(ObjectNode secret) {
		return secret.required("dbname").asString();
	}

	private static String user(ObjectNode secret) {
		return secret.required("username").asString();
	}

	private static String password(ObjectNode secret) {
		return secret.required("password").asString();
	}

	/**
	 * Who gets a new password.
	 */
	enum Strategy {

		/**
		 * The one user. Its old password is refused from then on.
		 */
		SINGLE_USER,

		/**
		 * The one of two users that is not in the secret. The other one's password stays
		 * valid until the next rotation.
		 */
		ALTERNATING_USERS

	}

	/**
	 * A rotation that has been done.
	 *
	 * @param user who is in the secret now
	 * @param databaseChanged when the database had the new password
	 * @param secretChanged when the secret had it
	 */
	record Rotated(String user, Instant databaseChanged, Instant secretChanged) {

	}

}
