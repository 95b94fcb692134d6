// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.InputStream;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the metadata for native images, without building one.
 */
class NativeImageTests {

	private static final String CAFFEINE = "com.github.benmanes.caffeine.cache.";

	/**
	 * Caffeine composes the names of these classes from the features of a cache.
	 */
	@Test
	void cachesAreThoseThatMetadataNames() throws Exception {
		CachingSecretStore store = new CachingSecretStore(new InMemorySecretStore().put("name", "value"),
				Duration.ofSeconds(5));
		store.fetch(Set.of(SecretReference.parse("name").location()), Duration.ofSeconds(5));
		Map<String, String> expected = new TreeMap<>();
		factories("LocalCacheFactory").forEach((name) -> expected.put(CAFFEINE + name, "FACTORY"));
		factories("NodeFactory").forEach((name) -> expected.put(CAFFEINE + name, "<init>"));
		assertThat(expected).isNotEmpty().isEqualTo(metadata());
	}

	private static Set<String> factories(String type) throws ReflectiveOperationException {
		Field factories = Class.forName(CAFFEINE + type).getField("FACTORIES");
		factories.setAccessible(true);
		Set<String> names = new TreeSet<>();
		((Map<?, ?>) factories.get(null)).keySet().forEach((name) -> names.add((String) name));
		return names;
	}

	/**
	 * Returns each type of the metadata with its only member.
	 */
	private static Map<String, String> metadata() throws Exception {
		Map<String, String> members = new TreeMap<>();
		String type = "";
		try (InputStream json = CachingSecretStore.class
			.getResourceAsStream("/META-INF/native-image/dev.ecssecrets/secrets-core/reachability-metadata.json");
				JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(),
						Objects.requireNonNull(json))) {
			for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
				if (token == JsonToken.VALUE_STRING && "type".equals(parser.currentName())) {
					type = parser.getString();
				}
				else if (token == JsonToken.VALUE_STRING && "name".equals(parser.currentName())) {
					members.put(type, parser.getString());
				}
			}
		}
		return members;
	}

}
