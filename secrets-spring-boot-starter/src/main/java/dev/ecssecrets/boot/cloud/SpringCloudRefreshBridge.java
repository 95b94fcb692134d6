package dev.ecssecrets.boot.cloud;

import java.util.Map;
import java.util.Set;

import dev.ecssecrets.boot.SecretsListener;
import dev.ecssecrets.boot.SecretsSnapshot;

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

	private final boolean refreshScope;

	/**
	 * Creates a bridge that keeps Spring Cloud from binding a pool again that fetches its
	 * connections lazily: it would be without its {@code DataSource} then. By default
	 * only the pool's own type is left alone.
	 */
	SpringCloudRefreshBridge(ConfigurableApplicationContext context, boolean refreshScope) {
		if ("lazy".equalsIgnoreCase(context.getEnvironment().getProperty("spring.datasource.connection-fetch"))) {
			context.getEnvironment()
				.getPropertySources()
				.addLast(new MapPropertySource("ecsSecrets-neverRefreshable",
						Map.of(NEVER_REFRESHABLE, "com.zaxxer.hikari.HikariDataSource,dataSource")));
		}
		this.context = context;
		this.refreshScope = refreshScope;
	}

	/**
	 * After the application's own listeners.
	 */
	@Override
	public int getOrder() {
		return LOWEST_PRECEDENCE;
	}

	/**
	 * Publishes changes, but not those of a context refresh. A bean that cannot be bound
	 * again does not keep the scope from being refreshed.
	 */
	@Override
	public void onLoad(SecretsSnapshot before, SecretsSnapshot after) {
		Set<String> changed = after.changesSince(before);
		if (changed.isEmpty() || isPublished(before, after)) {
			return;
		}
		try {
			// The context is its source: those who rebind heed no other.
			this.context.publishEvent(new EnvironmentChangeEvent(this.context, changed));
		}
		finally {
			if (this.refreshScope) {
				this.context.getBeanProvider(RefreshScope.class).ifAvailable(RefreshScope::refreshAll);
			}
		}
	}

	/**
	 * Returns whether Spring Cloud itself publishes the changes.
	 */
	private static boolean isPublished(SecretsSnapshot before, SecretsSnapshot after) {
		return after.loads()
			.stream()
			.filter((load) -> load.number() > before.number())
			.allMatch(SecretsSnapshot.Load::contextRefresh);
	}

}
