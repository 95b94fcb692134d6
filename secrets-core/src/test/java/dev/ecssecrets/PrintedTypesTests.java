// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.test.InMemorySecretStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests that types which hold values do not print them, and that exceptions do not quote
 * them: neither as text, nor in the failure of an assertion, nor serialized.
 */
class PrintedTypesTests {

	private static final String CANARY = "canary-7d1f";

	private static final String SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:";

	private static final SecretValue VALUE = SecretValue.of(CANARY);

	private static final Parameter LOCATION = new Parameter("name", null);

	private static final JavaClasses core = new ClassFileImporter()
		.importLocations(new ArchitectureTests.Core().get(PrintedTypesTests.class));

	@TempDir
	static Path folder;

	static List<Object> types() throws ReflectiveOperationException, IOException {
		List<Object> types = new ArrayList<>(
				List.of(VALUE, GoJson.members("{\"key\":\"" + CANARY + "\"}").get("key"), memory(), cache()));
		for (JavaClass holder : holders()) {
			if (holder.isRecord()) {
				types.add(record(holder.reflect()));
			}
		}
		types.addAll(exceptions());
		return types;
	}

	@ParameterizedTest
	@MethodSource("types")
	void typePrintsNoValue(Object object) throws IOException {
		assertThat(printed(object)).doesNotContain(CANARY);
	}

	@Test
	void typesAreAllThatCouldPrint() throws ReflectiveOperationException, IOException {
		Set<String> tested = new HashSet<>();
		types().forEach((type) -> tested.add(type.getClass().getName()));
		assertThat(holders()).isNotEmpty().filteredOn(PrintedTypesTests::couldPrint).allSatisfy((holder) -> {
			assertThat(tested).contains(holder.getName());
		});
		assertThat(core).filteredOn((type) -> type.isAssignableTo(Throwable.class)).isNotEmpty().allSatisfy((type) -> {
			assertThat(tested).contains(type.getName());
		});
	}

	@Test
	void printedFindsWhatIsThere() throws IOException {
		assertThat(printed(new IllegalStateException(new IllegalStateException(CANARY)))).contains(CANARY);
		assertThat(printed(List.of(CANARY))).contains(CANARY);
	}

	/**
	 * Prints an object in each way that does not read its fields.
	 */
	private static String printed(Object object) throws IOException {
		StringWriter printed = new StringWriter();
		PrintWriter out = new PrintWriter(printed);
		out.println(object);
		out.println(List.of(object));
		out.println(Map.of(object, object));
		if (object instanceof Throwable exception) {
			exception.printStackTrace(out);
		}
		out.println(catchThrowable(() -> assertThat(object).isEqualTo("another")).getMessage());
		out.println(catchThrowable(() -> assertThat(List.of(object)).containsExactly("another")).getMessage());
		out.println(catchThrowable(() -> assertThat(object).hasToString("another")).getMessage());
		out.println(json(object));
		if (object instanceof Serializable) {
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			try (ObjectOutputStream serialized = new ObjectOutputStream(bytes)) {
				serialized.writeObject(object);
			}
			out.println(bytes.toString(StandardCharsets.ISO_8859_1));
		}
		return printed.toString();
	}

	private static String json(Object object) {
		try {
			return new JsonMapper().writeValueAsString(object);
		}
		catch (JacksonException ex) {
			return ex.toString();
		}
	}

	/**
	 * Returns the types that hold a value, directly or indirectly.
	 */
	private static Set<JavaClass> holders() {
		Set<JavaClass> holders = new HashSet<>(Set.of(core.get(SecretValue.class), core.get(GoJson.class)));
		for (int before = 0; before < holders.size();) {
			before = holders.size();
			for (JavaClass type : core) {
				boolean holds = type.getFields()
					.stream()
					.filter((field) -> !field.getModifiers().contains(JavaModifier.STATIC))
					.anyMatch((field) -> field.getType().getAllInvolvedRawTypes().stream().anyMatch(holders::contains));
				if (holds || type.getAllSubclasses().stream().anyMatch(holders::contains)) {
					holders.add(type);
				}
			}
		}
		return holders;
	}

	/**
	 * Returns whether a type may print more than the name of its class.
	 */
	private static boolean couldPrint(JavaClass type) {
		return !type.isInterface() && (type.isRecord() || type.tryGetMethod("toString").isPresent()
				|| type.isAssignableTo(Serializable.class) || type.isAssignableTo(Iterable.class));
	}

	/**
	 * Creates a record with values in all components that can have them.
	 */
	private static Object record(Class<?> type) throws ReflectiveOperationException {
		return record(type, "text");
	}

	private static Object record(Class<?> type, String text) throws ReflectiveOperationException {
		List<Class<?>> types = new ArrayList<>();
		List<Object> components = new ArrayList<>();
		for (RecordComponent component : type.getRecordComponents()) {
			types.add(component.getType());
			components.add((component.getType() == String.class) ? text : component(component));
		}
		Constructor<?> constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
		constructor.setAccessible(true);
		return constructor.newInstance(components.toArray());
	}

	private static Object component(RecordComponent component) throws ReflectiveOperationException {
		Class<?> type = component.getType();
		Found found = new Found(VALUE, new SecretSource("source", null, List.of(), Instant.now()));
		if (type == SecretValue.class) {
			return VALUE;
		}
		if (type == SecretSource.class) {
			return found.source();
		}
		if (type == Answer.class) {
			return found;
		}
		if (type == Map.class) {
			return Map.of(LOCATION, found);
		}
		if (component.getGenericType() instanceof ParameterizedType list) {
			Class<?> element = (Class<?>) list.getActualTypeArguments()[0];
			return element.isRecord() ? List.of(record(element)) : List.of();
		}
		// The default of any other type.
		return Array.get(Array.newInstance(type, 1), 0);
	}

	private static InMemorySecretStore memory() {
		return new InMemorySecretStore().put(SECRET + "text", CANARY)
			.put(SECRET + "nul", CANARY + "\0")
			.put(SECRET + "json", "{\"key\":\"" + CANARY + "\"}")
			.put(SECRET + "number", "{\"key\":\"" + CANARY + "\",\"number\":1e999}");
	}

	private static CachingSecretStore cache() {
		CachingSecretStore cache = new CachingSecretStore(memory(), Duration.ofHours(1));
		cache.fetch(Set.of(SecretReference.parse(SECRET + "text").location()), Duration.ofSeconds(1));
		return cache;
	}

	/**
	 * Returns all exceptions, thrown because of a value if possible.
	 */
	private static List<Throwable> exceptions() throws ReflectiveOperationException, IOException {
		List<Throwable> exceptions = new ArrayList<>();
		for (String id : List.of("nul", "text:key::", "json:other::", "number:key::", "absent")) {
			exceptions.add(catchThrowable(() -> resolve(memory(), SECRET + id)));
		}
		for (String content : List.of(CANARY, "\"" + CANARY + "\"", "{\"parameters\":\"" + CANARY + "\"}",
				"{\"parameters\":{\"name\":" + CANARY + "}}")) {
			Path file = Files.writeString(folder.resolve("secrets.json"), content);
			exceptions.add(catchThrowable(() -> resolve(new FileSecretStore(file.toUri().toURL()), "name")));
			exceptions.add(catchThrowable(() -> GoJson.members(content).get("parameters").members()));
			exceptions.add(catchThrowable(() -> TaskDefinition.parse("file", content)));
		}
		for (Charset charset : List.of(StandardCharsets.ISO_8859_1, StandardCharsets.UTF_16)) {
			byte[] content = ("\u00e4" + CANARY).getBytes(charset);
			exceptions.add(catchThrowable(() -> TextFile.decode(content)));
			exceptions.add(catchThrowable(() -> TaskDefinition.parse("file", content)));
		}
		exceptions.add(catchThrowable(() -> memory().put(SECRET + "text:key::", "other")));
		exceptions.add(catchThrowable(() -> SecretReference.parse("")));
		// It has an answer, whose message may repeat a value.
		Class<?> answer = Class.forName("dev.ecssecrets.aws.ErrorAnswer");
		Constructor<?> ofAws = Class.forName("dev.ecssecrets.aws.AwsException").getDeclaredConstructor(answer);
		ofAws.setAccessible(true);
		exceptions.add((Throwable) ofAws.newInstance(record(answer, CANARY)));
		assertThat(exceptions).doesNotContainNull();
		return exceptions;
	}

	private static void resolve(SecretStore store, String valueFrom) {
		new SecretResolver(() -> store, Duration.ofSeconds(10))
			.resolve(List.of(new SecretDeclaration("NAME", valueFrom)), (name) -> false);
	}

}
