// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URL;
import java.util.Objects;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.TaskDefinition;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;

/**
 * Locations of files in the configuration: a path, or a location with a prefix such as
 * {@code classpath:}.
 */
final class Locations {

	private Locations() {
	}

	/**
	 * Returns the resource of a location.
	 * @throws IOException if a placeholder in the location has no value
	 */
	static Resource resource(String location) throws IOException {
		String placeholders = Placeholders.describe(location, location);
		if (!placeholders.isEmpty()) {
			throw new IOException(placeholders);
		}
		return ApplicationResourceLoader.get().getResource(location);
	}

	/**
	 * Returns the address of a resource. That of a file is absolute, so that messages
	 * show where a relative path leads to.
	 * @throws IOException if it has none, such as a class path resource that does not
	 * exist
	 */
	static URL url(Resource resource) throws IOException {
		return resource.isFile() ? resource.getFile().getAbsoluteFile().toURI().toURL() : resource.getURL();
	}

	/**
	 * Reads a task definition.
	 * @param placeholders replaces placeholders in the document, or {@code null} if they
	 * stay
	 */
	static TaskDefinition taskDefinition(String location, @Nullable PropertyResolver placeholders) throws IOException {
		Resource resource = resource(location);
		String name = Objects.requireNonNullElse(resource.getFilename(), "the task definition");
		// Where the location has the content (base64:), there is no address.
		if (resource instanceof ByteArrayResource content) {
			byte[] json = content.getByteArray();
			return (placeholders != null) ? TaskDefinition.parse(name, json, placeholders::resolvePlaceholders)
					: TaskDefinition.parse(name, json);
		}
		return (placeholders != null) ? TaskDefinition.read(name, url(resource), placeholders::resolvePlaceholders)
				: TaskDefinition.read(name, url(resource));
	}

	/**
	 * Describes why a location cannot be read.
	 */
	static String describe(String location, IOException ex) {
		return PrintableText.of(location
				+ ((ex instanceof FileNotFoundException) ? " does not exist" : " cannot be read: " + ex.getMessage()));
	}

}
