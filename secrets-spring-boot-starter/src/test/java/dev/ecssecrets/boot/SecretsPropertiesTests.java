package dev.ecssecrets.boot;

import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SecretsProperties}.
 */
class SecretsPropertiesTests {

	@ParameterizedTest
	@CsvSource({ "5, PT5S", "5s, PT5S", "500ms, PT0.5S", "PT5M, PT5M" })
	void getWhenTimeoutHasNoUnitTakesSeconds(String text, Duration timeout) {
		Binder binder = new Binder(new MapConfigurationPropertySource(Map.of("ecs-secrets.timeout", text)));
		assertThat(SecretsProperties.get(binder).timeout()).isEqualTo(timeout);
	}

}
