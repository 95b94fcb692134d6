// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.cloud;

import java.util.Map;
import java.util.Set;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;
import dev.ecssecrets.boot.SecretsSnapshot.Load;

import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.MapPropertySource;

/**
 * Bridge from loads of secrets to Spring Cloud: publishes changes as its event, and may
 * refresh its scope.
 */
final class SpringCloudRefreshBridge implements SecretsListener, Ordered {

	private static final String NEVER_REFRESHABLE = "spring.cloud.refresh.never-refreshable";

	private final ConfigurableApplicationContext context;

	private final Secrets secrets;

	private volatile SecretsSnapshot published;

	/**
	 * Creates a bridge that keeps Spring Cloud from binding a pool again that fetches its
	 * connections lazily: it would be without its {@code DataSource} then. By default
	 * only the pool's own type is left alone.
	 */
	SpringCloudRefreshBridge(ConfigurableApplicationContext context, Secrets secrets) {
		if ("lazy".equalsIgnoreCase(context.getEnvironment().getProperty("spring.datasource.connection-fetch"))) {
			context.getEnvironment()
				.getPropertySources()
				.addLast(new MapPropertySource("ecsSecrets-neverRefreshable",
						Map.of(NEVER_REFRESHABLE, "com.zaxxer.hikari.HikariDataSource,dataSource")));
		}
		this.context = context;
		this.secrets = secrets;
		this.published = secrets.current();
	}

	/**
	 * After the application's own listeners.
	 */
	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

	/**
	 * Publishes changes, but not while Spring Cloud is about to publish those of a
	 * context refresh. If that fails, the next load publishes them. A bean that cannot be
	 * bound again does not keep the scope from being refreshed. All beans are bound to
	 * values of the same snapshot.
	 */
	@Override
	public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
		Set<String> changed = after.changesSince(this.published);
		Load load = after.lastLoad();
		if (changed.isEmpty() || (load != null && load.contextRefresh())) {
			return;
		}
		this.secrets.readTogether(() -> publish(changed));
	}

	private void publish(Set<String> changed) {
		try {
			// The context is its source: those who rebind heed no other.
			this.context.publishEvent(new EnvironmentChangeEvent(this.context, changed));
		}
		finally {
			if (this.context.getEnvironment().getProperty("ecs-secrets.refresh.refresh-scope", Boolean.class, false)) {
				this.context.getBeanProvider(RefreshScope.class).ifAvailable(RefreshScope::refreshAll);
			}
		}
	}

	/**
	 * Puts the current secrets back after a context refresh of Spring Cloud: one that was
	 * overtaken by a refresh of secrets has put older ones over them.
	 */
	void onPublished(EnvironmentChangeEvent event) {
		this.secrets.follow(this.context.getEnvironment());
		if (event.getSource() == this.context) {
			this.published = this.secrets.current();
		}
	}

}
