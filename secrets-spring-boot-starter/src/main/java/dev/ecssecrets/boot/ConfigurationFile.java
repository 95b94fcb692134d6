// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.io.support.ResourcePatternResolver;
import org.springframework.util.ResourceUtils;

/**
 * YAML file that Spring Boot may have read as configuration. Spring Boot's own search is
 * over when its failure is analyzed, and nothing is left of it.
 *
 * @param name the name for a person to read
 * @param lines the lines of the file
 */
record ConfigurationFile(String name, List<String> lines) {

	private static final String OPTIONAL = "optional:";

	private static final String PROPERTY = "spring.config.";

	private static final String[] DEFAULT_LOCATIONS = { "classpath:/;classpath:/config/",
			"file:./;file:./config/;file:./config/*/" };

	private static final List<String> EXTENSIONS = List.of(".yml", ".yaml");

	ConfigurationFile {
		lines = List.copyOf(lines);
	}

	/**
	 * Finds the files, with those of all profiles: the active ones are not known.
	 * @param environment the environment, or {@code null} if the failure left none: then
	 * system properties, environment variables and arguments of the process name the
	 * locations
	 */
	static List<ConfigurationFile> find(@Nullable Environment environment) {
		Binder binder = Binder.get((environment != null) ? environment : processEnvironment());
		ResourcePatternResolver resolver = new PathMatchingResourcePatternResolver();
		Map<Object, ConfigurationFile> files = new LinkedHashMap<>();
		String[] names = binder.bind(PROPERTY + "name", String[].class).orElse(new String[] { "application" });
		String[] locations = binder.bind(PROPERTY + "location", String[].class).orElse(DEFAULT_LOCATIONS);
		String[] others = binder.bind(PROPERTY + "additional-location", String[].class).orElse(new String[0]);
		Stream.of(locations, others)
			.flatMap(Arrays::stream)
			.flatMap((group) -> Stream.of(group.split(";")))
			.flatMap((location) -> patterns(location.strip(), names))
			.distinct()
			.forEach((pattern) -> add(pattern, resolver, files));
		return List.copyOf(files.values());
	}

	private static Environment processEnvironment() {
		StandardEnvironment environment = new StandardEnvironment();
		// The main class and the arguments, which HotSpot and OpenJ9 have. ProcessHandle
		// has none on Windows, and none after a long class path.
		String[] arguments = System.getProperty("sun.java.command", "").split(" ");
		environment.getPropertySources()
			.addFirst(new SimpleCommandLinePropertySource(Stream.of(arguments)
				.filter((argument) -> argument.startsWith("--" + PROPERTY))
				.toArray(String[]::new)));
		return environment;
	}

	/**
	 * Returns patterns of the files at a location and of their variants for profiles.
	 */
	private static Stream<String> patterns(String location, String[] names) {
		String place = location.startsWith(OPTIONAL) ? location.substring(OPTIONAL.length()) : location;
		if (!ResourceUtils.isUrl(place)) {
			place = ResourceUtils.FILE_URL_PREFIX + place;
		}
		if (!place.startsWith(ResourceUtils.FILE_URL_PREFIX) && !place.startsWith(ResourceUtils.CLASSPATH_URL_PREFIX)) {
			return Stream.empty();
		}
		if (place.endsWith("/")) {
			String folder = place;
			return Stream.of(names)
				.flatMap((name) -> EXTENSIONS.stream()
					.flatMap((extension) -> Stream.of(folder + name + extension, folder + name + "-*" + extension)));
		}
		String file = place;
		return EXTENSIONS.stream()
			.filter(file::endsWith)
			.flatMap((extension) -> Stream.of(file,
					file.substring(0, file.length() - extension.length()) + "-*" + extension));
	}

	private static void add(String pattern, ResourcePatternResolver resolver, Map<Object, ConfigurationFile> files) {
		try {
			if (pattern.startsWith(ResourceUtils.CLASSPATH_URL_PREFIX)) {
				addFromClassPath(pattern.substring(ResourceUtils.CLASSPATH_URL_PREFIX.length()), resolver, files);
			}
			else {
				addFromFileSystem(pattern, resolver, files);
			}
		}
		catch (IOException | RuntimeException ex) {
			// It is none of the files that have been read.
		}
	}

	/**
	 * Adds the first of the class path for each name, as only that is read.
	 */
	private static void addFromClassPath(String pattern, ResourcePatternResolver resolver,
			Map<Object, ConfigurationFile> files) throws IOException {
		String path = pattern.startsWith("/") ? pattern.substring(1) : pattern;
		String folder = path.substring(0, path.lastIndexOf('/') + 1);
		for (Resource found : resolver.getResources(ResourcePatternResolver.CLASSPATH_ALL_URL_PREFIX + path)) {
			String name = folder + found.getFilename();
			Resource resource = resolver.getResource(ResourceUtils.CLASSPATH_URL_PREFIX + name);
			if (resource.exists()) {
				Object key = resource.isFile() ? resource.getFile().toPath().toRealPath()
						: resource.getURL().toString();
				files.putIfAbsent(key, new ConfigurationFile("class path resource [" + name + "]",
						lines(resource.getContentAsByteArray())));
			}
		}
	}

	private static void addFromFileSystem(String pattern, ResourcePatternResolver resolver,
			Map<Object, ConfigurationFile> files) throws IOException {
		String root = pattern.substring(0, (pattern + "*").indexOf('*'));
		if (!ResourceUtils.getFile(root.substring(0, root.lastIndexOf('/') + 1)).isDirectory()) {
			return;
		}
		for (Resource resource : resolver.getResources(pattern)) {
			Path file = resource.getFile().toPath();
			// A pipe would wait for its other end.
			if (Files.isRegularFile(file)) {
				files.putIfAbsent(file.toRealPath(),
						new ConfigurationFile(name(file), lines(Files.readAllBytes(file))));
			}
		}
	}

	private static String name(Path file) {
		Path folder = Path.of("").toAbsolutePath();
		Path absolute = file.toAbsolutePath().normalize();
		return (absolute.startsWith(folder) ? folder.relativize(absolute) : absolute).toString();
	}

	private static List<String> lines(byte[] content) {
		String text = new String(content, StandardCharsets.UTF_8);
		return List.of((text.startsWith("\ufeff") ? text.substring(1) : text).split("\r\n|\r|\n", -1));
	}

	/**
	 * Has the name only: lines may have values.
	 */
	@Override
	public String toString() {
		return this.name;
	}

}
