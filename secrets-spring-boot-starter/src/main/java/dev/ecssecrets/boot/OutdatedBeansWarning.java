// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Collection;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.bind.BindMethod;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Warnings at startup about beans that a refresh does not reach, each with its fix.
 */
final class OutdatedBeansWarning implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(OutdatedBeansWarning.class);

	private static final String SPRING_CLOUD = "org.springframework.cloud:spring-cloud-context";

	private final ConfigurableApplicationContext context;

	private final Secrets secrets;

	private final ObjectProvider<LiveSecretBindHandlerAdvisor> liveSecrets;

	OutdatedBeansWarning(ConfigurableApplicationContext context, Secrets secrets,
			ObjectProvider<LiveSecretBindHandlerAdvisor> liveSecrets) {
		this.context = context;
		this.secrets = secrets;
		this.liveSecrets = liveSecrets;
	}

	@Override
	public void afterSingletonsInstantiated() {
		SecretsSnapshot current = this.secrets.current();
		if (current.refresh().interval() == null) {
			return;
		}
		if (current.changeableNames().isEmpty()) {
			logger.warn("There is nothing to refresh: all secrets are injected or overridden. To refresh injected "
					+ "secrets, set ecs-secrets.refresh.override-injected to true. Otherwise, remove "
					+ "ecs-secrets.refresh.interval");
			return;
		}
		OutdatedBeans outdated = new OutdatedBeans(this.context, this.secrets, this.liveSecrets.getIfAvailable());
		if (!current.refresh().refreshScope()) {
			warn("beans of @RefreshScope: ", outdated.ofRefreshScope(),
					". Set ecs-secrets.refresh.refresh-scope to true, which recreates them after a change");
		}
		if (!outdated.springCloudIsPresent()) {
			warn("", outdated.boundBy(BindMethod.JAVA_BEAN), ". Add " + SPRING_CLOUD
					+ ", which binds beans with setters again after a change, or declare their secrets as LiveSecret");
		}
		warn("", outdated.boundBy(BindMethod.VALUE_OBJECT),
				". Declare their secrets as LiveSecret instead of String: beans that are bound by their constructor "
						+ "are never bound again");
		outdated.propertiesOfClients()
			.forEach((client, properties) -> warn("the client for " + client + " (", properties,
					"). Restart the application after a rotation: the client keeps the credentials that it was created "
							+ "with"));
		warn("TLS bundles (", outdated.propertiesOfTlsBundles(),
				"). Restart the application after a rotation: bundles keep the keys and passwords that they were "
						+ "created with");
	}

	private static void warn(String before, Collection<String> names, String after) {
		if (!names.isEmpty()) {
			logger.warn("A refresh of secrets does not reach " + before + String.join(", ", names) + after);
		}
	}

}
