package dev.ecssecrets.boot;

import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the {@link SecretsMetrics}.
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean({ MeterRegistry.class, SecretsRefresher.class })
class SecretsMetricsAutoConfiguration {

	@Bean
	SecretsMetrics secretsMetrics(SecretsRefresher refresher) {
		return new SecretsMetrics(refresher.history());
	}

}
