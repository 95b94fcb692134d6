// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients

import dev.ecssecrets.localstack.LocalStack
import tools.jackson.databind.json.JsonMapper
import java.util.UUID

private const val CLONE = "_clone"

/**
 * A secret with a user and a password, as rotation functions on AWS keep it: a version
 * is pending until the server knows its password, and then becomes the current one.
 */
class Rotation(
	private val secret: String,
	private val properties: Map<String, Any>,
	private val setPassword: (user: String, password: String) -> Unit,
) {

	private val secretsManager = LocalStack.get().secretsManager()

	private var user = properties.getValue("username").toString()

	private var version: String

	val arn = with(LocalStack.get()) { "arn:aws:secretsmanager:${region()}:${accountId()}:secret:$secret" }

	init {
		LocalStack.get().putSecret(secret, json(properties.getValue("password").toString()))
		version = secretsManager.getSecretValue { it.secretId(secret) }.versionId()
	}

	/**
	 * Gives the user a new password, or one to the other of two users.
	 *
	 * @return the user who is in the secret now
	 */
	fun rotate(alternateUsers: Boolean, gap: () -> Unit): String {
		if (alternateUsers) {
			user = if (user.endsWith(CLONE)) user.removeSuffix(CLONE) else user + CLONE
		}
		val password = UUID.randomUUID().toString()
		val pending = UUID.randomUUID().toString()
		secretsManager.putSecretValue {
			it.secretId(secret).clientRequestToken(pending).secretString(json(password)).versionStages("AWSPENDING")
		}
		setPassword(user, password)
		gap()
		secretsManager.updateSecretVersionStage {
			it.secretId(secret).versionStage("AWSCURRENT").moveToVersionId(pending).removeFromVersionId(version)
		}
		version = pending
		return user
	}

	private fun json(password: String): String =
		JsonMapper.shared().writeValueAsString(properties + mapOf("username" to user, "password" to password))

}
