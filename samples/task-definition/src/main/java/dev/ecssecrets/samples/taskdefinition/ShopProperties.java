// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.taskdefinition;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the shop needs: the secrets of its container, as environment variables bind.
 */
@ConfigurationProperties("shop")
record ShopProperties(String signingKey, String paymentToken, String mapToken, Database database, Mail mail) {

	record Database(String username, String password) {

	}

	record Mail(String password) {

	}

}
