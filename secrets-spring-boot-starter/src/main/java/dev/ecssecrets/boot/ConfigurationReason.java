// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import dev.ecssecrets.FailureReason;

/**
 * Kinds of failure that only the configuration of a Spring application has.
 */
enum ConfigurationReason implements FailureReason {

	/**
	 * A key is probably misspelled.
	 */
	UNKNOWN_KEY("unknown key", "Correct the key, or remove it."),

	/**
	 * The start is no training run, so it must not have placeholders.
	 */
	NO_TRAINING_RUN("no training run",
			"Remove ecs-secrets.store, or set it to aws or file. It may be placeholder only in a start that ends when the"
					+ " application context is refreshed, with the option " + TrainingRun.OPTION + "."),

	/**
	 * Spring Boot reads the name before secrets can be resolved.
	 */
	READ_TOO_EARLY("read too early",
			"Supply the value where the process is started: as an environment variable, as ECS does, or as a system property."
					+ " Otherwise, remove the declaration."),

	/**
	 * The document that declares secrets is not a task definition, or does not have the
	 * container.
	 */
	INVALID_TASK_DEFINITION("invalid task definition",
			"Set ecs-secrets.task-definition to the path of a JSON document in the form of register-task-definition"
					+ " or describe-task-definition. If several containers have secrets, set"
					+ " ecs-secrets.container-name.");

	private final String title;

	private final String description;

	ConfigurationReason(String title, String description) {
		this.title = title;
		this.description = description;
	}

	@Override
	public String title() {
		return this.title;
	}

	@Override
	public String description() {
		return this.description;
	}

	@Override
	public String toString() {
		return this.title;
	}

}
