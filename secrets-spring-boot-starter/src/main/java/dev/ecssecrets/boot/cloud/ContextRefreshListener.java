package dev.ecssecrets.boot.cloud;

import dev.ecssecrets.boot.Secrets;

import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Listener that puts the current secrets back after a context refresh of Spring Cloud:
 * one that was overtaken by a refresh of secrets has put older ones over them.
 */
final class ContextRefreshListener implements ApplicationListener<EnvironmentChangeEvent>, Ordered {

	private final Secrets secrets;

	private final ConfigurableEnvironment environment;

	ContextRefreshListener(Secrets secrets, ConfigurableEnvironment environment) {
		this.secrets = secrets;
		this.environment = environment;
	}

	/**
	 * Before beans are bound again.
	 */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public void onApplicationEvent(EnvironmentChangeEvent event) {
		this.secrets.follow(this.environment);
	}

}
