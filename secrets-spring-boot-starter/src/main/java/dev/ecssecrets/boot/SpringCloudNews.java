package dev.ecssecrets.boot;

import java.util.Set;
import java.util.function.Supplier;

import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.cloud.context.scope.refresh.RefreshScope;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;

/**
 * Tells Spring Cloud of changed secrets, and hears of those that its own context refresh
 * has changed.
 */
final class SpringCloudNews implements ApplicationListener<EnvironmentChangeEvent> {

	private final ApplicationContext context;

	private final Supplier<SecretsRefresher> refresher;

	private final boolean refreshScope;

	SpringCloudNews(ApplicationContext context, Supplier<SecretsRefresher> refresher, boolean refreshScope) {
		this.context = context;
		this.refresher = refresher;
		this.refreshScope = refreshScope;
	}

	void tell(Set<String> changed) {
		// The context is its source: those who rebind heed no other.
		this.context.publishEvent(new EnvironmentChangeEvent(this.context, changed));
		if (this.refreshScope) {
			this.context.getBeanProvider(RefreshScope.class).ifAvailable(RefreshScope::refreshAll);
		}
	}

	@Override
	public void onApplicationEvent(EnvironmentChangeEvent event) {
		this.refresher.get().tell();
	}

}
