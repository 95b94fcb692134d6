// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Options that the application sets. Each that is {@code null} is left to the
 * environment, the container and the AWS SDK.
 *
 * @param region the region of parameters that are declared by name
 * @param endpoint the endpoint of both services
 * @param endpointSetting the name of the setting of the endpoint, for messages
 * @param profile the profile for region and credentials
 * @param credentials returns the credentials
 * @param warnings receives warnings about endpoints
 */
record AwsOptions(@Nullable String region, @Nullable URI endpoint, String endpointSetting, @Nullable String profile,
		@Nullable Supplier<AwsCredentials> credentials, Consumer<String> warnings) {

}
