// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import dev.ecssecrets.SecretStore;
import dev.ecssecrets.test.InMemorySecretStore;
import org.apache.commons.logging.impl.NoOpLog;

import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * An environment whose secrets all have new values after each refresh.
 */
final class RefreshedSecrets implements AutoCloseable {

	private final InMemorySecretStore store = new InMemorySecretStore();

	private final StandardEnvironment environment = new StandardEnvironment();

	private final Secrets secrets;

	private final GenericApplicationContext context = new GenericApplicationContext();

	private final int size;

	private final int bytes;

	private int refreshes;

	RefreshedSecrets(int size, int bytes) {
		this.size = size;
		this.bytes = bytes;
		Map<String, Object> properties = new HashMap<>(Map.of("ecs-secrets.refresh.min-interval", "0"));
		for (int i = 0; i < size; i++) {
			properties.put("ecs-secrets.secrets[" + i + "].name", "APP_SECRET_" + i);
			properties.put("ecs-secrets.secrets[" + i + "].value-from", "secret-" + i);
		}
		this.environment.getPropertySources().addLast(new MapPropertySource("application", properties));
		ConfigurationPropertySources.attach(this.environment);
		DefaultBootstrapContext registered = new DefaultBootstrapContext();
		registered.register(SecretStore.class, InstanceSupplier.of(this.store));
		this.secrets = SecretsBean.register(registered,
				Objects.requireNonNull(SecretsConfigurationReader.read(this.environment)), new NoOpLog());
		this.context.setEnvironment(this.environment);
		registered.close(this.context);
		refresh();
	}

	StandardEnvironment environment() {
		return this.environment;
	}

	Secrets secrets() {
		return this.secrets;
	}

	void refresh() {
		this.refreshes++;
		for (int i = 0; i < this.size; i++) {
			this.store.put("secret-" + i, (this.refreshes + "x".repeat(this.bytes)).substring(0, this.bytes));
		}
		if (this.secrets.refresh().size() != this.size) {
			throw new IllegalStateException("not all secrets have new values");
		}
	}

	@Override
	public void close() {
		this.secrets.schedule().stop();
	}

}
