// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.actuate;

import java.time.InstantSource;

import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.SecretsAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for the {@link SecretsMetrics}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = SecretsAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(MeterRegistry.class)
@ConditionalOnSingleCandidate(value = Secrets.class, search = SearchStrategy.CURRENT)
public final class SecretsMetricsAutoConfiguration {

	/**
	 * Creates the configuration.
	 */
	public SecretsMetricsAutoConfiguration() {
	}

	@Bean
	SecretsMetrics ecsSecretsMetrics(Secrets secrets) {
		return new SecretsMetrics(secrets, InstantSource.system(), System::nanoTime);
	}

}
