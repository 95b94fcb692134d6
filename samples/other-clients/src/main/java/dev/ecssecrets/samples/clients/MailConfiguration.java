// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/**
 * Mail is sent with the current user and password.
 */
@Configuration(proxyBeanMethods = false)
class MailConfiguration {

	@Bean
	SecretsListener mailLogin(JavaMailSenderImpl sender, Secrets secrets) {
		setLogin(sender, secrets.current());
		return (before, after) -> setLogin(sender, after);
	}

	private static void setLogin(JavaMailSenderImpl sender, SecretsSnapshot snapshot) {
		Login login = Login.of(snapshot, "MAIL");
		sender.setUsername(login.user());
		sender.setPassword(login.password());
	}

}
