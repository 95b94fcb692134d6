package dev.ecssecrets.aws;

import java.net.URI;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Options that the application sets. Each that is {@code null} is left to the AWS SDK.
 *
 * @param region the region of parameters that are declared by name
 * @param endpoint the endpoint of both services
 * @param endpointSetting the name of the setting of the endpoint, for messages
 * @param profile the profile for region and credentials
 * @param credentials the provider of credentials
 * @param warnings receives warnings about endpoints
 */
record AwsOptions(@Nullable String region, @Nullable URI endpoint, String endpointSetting, @Nullable String profile,
		@Nullable AwsCredentialsProvider credentials, Consumer<String> warnings) {

}
