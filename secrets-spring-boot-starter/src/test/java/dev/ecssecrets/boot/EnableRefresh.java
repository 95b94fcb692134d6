// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.ecssecrets.boot.actuate.SecretsMetricsAutoConfiguration;
import dev.ecssecrets.boot.cloud.SecretsSpringCloudAutoConfiguration;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.cloud.autoconfigure.ConfigurationPropertiesRebinderAutoConfiguration;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;

/**
 * Configures what a refresh works with: this library, the meters, and the refresh of
 * Spring Cloud. {@code @EnableAutoConfiguration} configures a hundred other things here,
 * and so a start takes several times as long.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class, ConfigurationPropertiesAutoConfiguration.class,
		MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
		SimpleMetricsExportAutoConfiguration.class, ConfigurationPropertiesRebinderAutoConfiguration.class,
		RefreshAutoConfiguration.class, SecretsAutoConfiguration.class, SecretsMetricsAutoConfiguration.class,
		SecretsSpringCloudAutoConfiguration.class })
public @interface EnableRefresh {

}
