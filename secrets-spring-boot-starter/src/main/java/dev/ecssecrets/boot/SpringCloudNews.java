package dev.ecssecrets.boot;

import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/**
 * Tells Spring Cloud of changed secrets, and hears of those that its own context refresh
 * has changed.
 */
final class SpringCloudNews implements ApplicationListener<EnvironmentChangeEvent> {

	private static final String NEVER_REFRESHABLE = "spring.cloud.refresh.never-refreshable";

	private final ConfigurableApplicationContext context;

	private final Supplier<SecretsRefresher> refresher;

	/**
	 * Creates one that keeps Spring Cloud from binding a pool again that fetches its
	 * connections lazily: it would be without its {@code DataSource} then. By default
	 * only the pool's own type is left alone.
	 */
	SpringCloudNews(ConfigurableApplicationContext context, Supplier<SecretsRefresher> refresher) {
		if ("lazy".equalsIgnoreCase(context.getEnvironment().getProperty("spring.datasource.connection-fetch"))) {
			context.getEnvironment()
				.getPropertySources()
				.addLast(new MapPropertySource("ecsSecrets-neverRefreshable",
						Map.of(NEVER_REFRESHABLE, "com.zaxxer.hikari.HikariDataSource,dataSource")));
		}
		this.context = context;
		this.refresher = refresher;
	}

	/**
	 * Tells of changes. That one bean cannot be bound again does not keep the scope from
	 * being refreshed.
	 */
	void tell(Set<String> changed) {
		try {
			// The context is its source: those who rebind heed no other.
			this.context.publishEvent(new EnvironmentChangeEvent(this.context, changed));
		}
		finally {
			if (this.refresher.get().keys().refreshScope()) {
				this.context.getBeanProvider(RefreshScope.class).ifAvailable(RefreshScope::refreshAll);
			}
		}
	}

	@Override
	public void onApplicationEvent(EnvironmentChangeEvent event) {
		this.refresher.get().onContextRefresh();
	}

}
