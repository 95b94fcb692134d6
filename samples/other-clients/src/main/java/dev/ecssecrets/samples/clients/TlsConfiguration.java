// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;

import org.springframework.boot.autoconfigure.ssl.SslBundleRegistrar;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The TLS bundle {@code server} has the current certificate and its key.
 */
@Configuration(proxyBeanMethods = false)
class TlsConfiguration {

	@Bean
	SslBundleRegistrar serverBundle(Secrets secrets) {
		return (registry) -> registry.registerBundle("server", serverBundle(secrets.current()));
	}

	@Bean
	SecretsListener serverBundleUpdates(SslBundleRegistry registry) {
		return (before, after) -> {
			if (after.changesSince(before).contains("TLS_CERTIFICATE")) {
				registry.updateBundle("server", serverBundle(after));
			}
		};
	}

	private static SslBundle serverBundle(SecretsSnapshot snapshot) {
		PemSslStoreDetails details = PemSslStoreDetails.forCertificate(Login.required(snapshot, "TLS_CERTIFICATE"))
			.withPrivateKey(Login.required(snapshot, "TLS_PRIVATE_KEY"));
		return SslBundle.of(new PemSslStoreBundle(details, null));
	}

}
