// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

/**
 * Service of AWS that keeps secrets.
 */
enum AwsService {

	PARAMETER_STORE("Parameter Store", "ssm", "AmazonSSM.GetParameters", "AWS_ENDPOINT_URL_SSM", "aws.endpointUrlSsm"),

	SECRETS_MANAGER("Secrets Manager", "secretsmanager", "secretsmanager.GetSecretValue",
			"AWS_ENDPOINT_URL_SECRETS_MANAGER", "aws.endpointUrlSecretsManager");

	/**
	 * Name for a person to read.
	 */
	final String title;

	/**
	 * Name in endpoints and signatures.
	 */
	final String id;

	/**
	 * Only operation that is called.
	 */
	final String operation;

	/**
	 * Environment variable with the endpoint.
	 */
	final String endpointVariable;

	/**
	 * System property with the endpoint.
	 */
	final String endpointProperty;

	AwsService(String title, String id, String operation, String endpointVariable, String endpointProperty) {
		this.title = title;
		this.id = id;
		this.operation = operation;
		this.endpointVariable = endpointVariable;
		this.endpointProperty = endpointProperty;
	}

}
