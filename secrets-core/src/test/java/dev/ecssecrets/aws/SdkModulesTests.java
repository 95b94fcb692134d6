// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

import dev.ecssecrets.SecretFailure.Reason;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SdkModules}. Of its modules, only {@code sts} is absent here.
 */
class SdkModulesTests {

	@Test
	void requireWhenModulesArePresentFindsTheSdk() {
		assertThat(SdkModules.require("purpose", "auth", "ssm", "secretsmanager", "url-connection-client"))
			.isInstanceOf(AwsSdk.class);
	}

	@Test
	void requireWhenModuleIsAbsentNamesPurposeAndDependency() {
		assertThatExceptionOfType(AwsException.class).isThrownBy(() -> SdkModules.require("it is set", "auth", "sts"))
			.withMessageMatching("it is set\\. Not on the class path: software\\.amazon\\.awssdk:sts:2\\.\\d+\\.\\d+")
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Reason.NO_SDK));
	}

	@Test
	void classesAreFilesOfNativeImages() throws IOException {
		try (InputStream metadata = SdkModules.class
			.getResourceAsStream("/META-INF/native-image/dev.ecssecrets/secrets-core/reachability-metadata.json")) {
			assertThat(metadata).isNotNull();
			String json = new String(metadata.readAllBytes(), StandardCharsets.UTF_8);
			assertThat(SdkModules.CLASSES.values()).isNotEmpty()
				.allSatisfy((type) -> assertThat(json).contains("\"glob\": \"" + type.replace('.', '/') + ".class\""));
		}
	}

}
