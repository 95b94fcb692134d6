// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an IDE knows of the keys is what the records of keys say.
 */
class ConfigurationMetadataTests {

	private static final Path METADATA = Path.of("target/classes/META-INF/spring-configuration-metadata.json");

	@Test
	void propertiesAreTheComponentsWithTheirDefaults() throws IOException, ClassNotFoundException {
		Map<String, String> expected = new TreeMap<>();
		collect(SecretsProperties.PREFIX, SecretsProperties.class, expected);
		collect(SecretsProperties.PREFIX + ".actuator",
				Class.forName("dev.ecssecrets.boot.actuate.SecretsActuatorProperties"), expected);
		assertThat(properties().filter((property) -> text(property, "name").startsWith(SecretsProperties.PREFIX))
			.collect(Collectors.toMap((property) -> text(property, "name"),
					(property) -> text(property, "defaultValue"))))
			.isEqualTo(expected);
	}

	@Test
	void propertiesOfTheActuatorAreThoseOfEveryEndpointAndHealthIndicator() throws IOException {
		assertThat(properties().filter((property) -> text(property, "name").startsWith("management."))
			.collect(Collectors.toMap((property) -> text(property, "name"),
					(property) -> text(property, "type") + " " + text(property, "defaultValue"))))
			.isEqualTo(Map.of("management.endpoint.ecssecrets.access", Access.class.getName() + " unrestricted",
					"management.endpoint.ecssecrets.cache.time-to-live", "java.time.Duration 0ms",
					"management.health.ecssecrets.enabled", "java.lang.Boolean true"));
	}

	@Test
	void descriptionsReadAsThoseOfSpringBoot() throws IOException {
		assertThat(properties())
			.allSatisfy((property) -> assertThat(text(property, "description")).matches("(?!(A|An|The) )[A-Z].*\\.")
				.doesNotContain("{@", "<"));
	}

	/**
	 * There is no key of metadata for what a list holds: who reads it goes by the type.
	 */
	@Test
	void descriptionWhenListTellsKeysOfElements() throws IOException {
		JsonNode secrets = properties().filter((property) -> text(property, "name").equals("ecs-secrets.secrets"))
			.findFirst()
			.orElseThrow();
		assertThat(text(secrets, "type")).isEqualTo("java.util.List<" + SecretsProperties.Secret.class.getName() + ">");
		assertThat(text(secrets, "description"))
			.contains(Arrays.stream(SecretsProperties.Secret.class.getRecordComponents())
				.map((component) -> DataObjectPropertyName.toDashedForm(component.getName()))
				.toList());
	}

	private static void collect(String prefix, Class<?> type, Map<String, String> defaults) {
		// The default of a component is only on the constructor's parameter.
		for (Parameter component : type.getDeclaredConstructors()[0].getParameters()) {
			String name = prefix + "." + DataObjectPropertyName.toDashedForm(component.getName());
			if (component.getType().isRecord()) {
				collect(name, component.getType(), defaults);
			}
			else {
				DefaultValue value = component.getAnnotation(DefaultValue.class);
				defaults.put(name, (value != null) ? String.join(",", value.value()) : "");
			}
		}
	}

	private static Stream<JsonNode> properties() throws IOException {
		return new JsonMapper().readTree(Files.readString(METADATA)).get("properties").valueStream();
	}

	private static String text(JsonNode property, String key) {
		return property.path(key).asString("");
	}

}
