// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import java.util.List;
import java.util.Map;
import java.util.Objects;

import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;

import dev.ecssecrets.boot.Secrets;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.scram.ScramExtensionsCallback;
import org.jspecify.annotations.Nullable;

/**
 * Gives Kafka's clients the current user and password at each login. Kafka creates it by
 * its name.
 */
public final class KafkaLogin implements AuthenticateCallbackHandler {

	/**
	 * The entry of a client's configuration that has the {@link Secrets}.
	 */
	static final String SECRETS = "app.secrets";

	private @Nullable Secrets secrets;

	@Override
	public void configure(Map<String, ?> configs, String mechanism, List<AppConfigurationEntry> entries) {
		this.secrets = (Secrets) configs.get(SECRETS);
	}

	@Override
	public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
		Secrets secrets = Objects.requireNonNull(this.secrets, SECRETS);
		Login login = Login.of(secrets.current(), "KAFKA");
		for (Callback callback : callbacks) {
			if (callback instanceof NameCallback name) {
				name.setName(login.user());
			}
			else if (callback instanceof PasswordCallback password) {
				password.setPassword(login.password().toCharArray());
			}
			else if (!(callback instanceof ScramExtensionsCallback)) {
				throw new UnsupportedCallbackException(callback);
			}
		}
	}

	@Override
	public void close() {
	}

}
