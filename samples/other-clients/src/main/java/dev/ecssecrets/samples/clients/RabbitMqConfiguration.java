// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.SaslMechanism;
import dev.ecssecrets.boot.Secrets;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.amqp.autoconfigure.ConnectionFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Each connection to RabbitMQ logs in with the current user and password.
 */
@Configuration(proxyBeanMethods = false)
class RabbitMqConfiguration {

	@Bean
	ConnectionFactoryCustomizer currentRabbitMqLogin(Secrets secrets) {
		return (factory) -> factory.setSaslConfig((mechanisms) -> {
			SaslMechanism plain = DefaultSaslConfig.PLAIN.getSaslMechanism(mechanisms);
			return (plain != null) ? new CurrentLogin(plain, secrets) : null;
		});
	}

	private record CurrentLogin(SaslMechanism plain, Secrets secrets) implements SaslMechanism {

		@Override
		public String getName() {
			return this.plain.getName();
		}

		@Override
		public LongString handleChallenge(@Nullable LongString challenge, String ignoredUser, String ignoredPassword) {
			Login login = Login.of(this.secrets.current(), "RABBITMQ");
			return this.plain.handleChallenge(challenge, login.user(), login.password());
		}

	}

}
