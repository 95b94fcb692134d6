package dev.ecssecrets.aws;

/**
 * A service of AWS that keeps secrets.
 */
enum AwsService {

	PARAMETER_STORE("Parameter Store", "ssm", "AmazonSSM.GetParameters", "AWS_ENDPOINT_URL_SSM", "aws.endpointUrlSsm"),

	SECRETS_MANAGER("Secrets Manager", "secretsmanager", "secretsmanager.GetSecretValue",
			"AWS_ENDPOINT_URL_SECRETS_MANAGER", "aws.endpointUrlSecretsManager");

	/**
	 * The name for a person to read.
	 */
	final String title;

	/**
	 * The name in its endpoint and in signatures.
	 */
	final String id;

	/**
	 * The one operation of it that is called.
	 */
	final String operation;

	/**
	 * The variable that sets its endpoint.
	 */
	final String endpointVariable;

	/**
	 * The system property that sets its endpoint.
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
