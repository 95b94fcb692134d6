// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Member;
import java.security.CodeSource;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.ecssecrets.SecretStore;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.aot.agent.RecordedInvocation;
import org.springframework.aot.agent.RecordedInvocationsListener;
import org.springframework.aot.agent.RecordedInvocationsPublisher;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.aot.AotServices;
import org.springframework.util.ClassUtils;

/**
 * Runs an application under Spring's agent, and prints what it does by reflection that
 * concerns this library: by its classes, or on them. What is to be known to a native
 * image, and no registrar says, is marked.
 */
@SuppressWarnings("removal")
final class HintsRecording {

	static final String UNKNOWN = "not hinted: ";

	private static final Set<CodeSource> LIBRARY = Stream.of(SecretsProperties.class, SecretStore.class)
		.map(HintsRecording::source)
		.collect(Collectors.toUnmodifiableSet());

	private HintsRecording() {
	}

	public static void main(String[] args) throws ReflectiveOperationException, IOException {
		RuntimeHints hints = new RuntimeHints();
		resourcesOfCore().forEach((pattern) -> hints.resources().registerPattern(pattern));
		AotServices.factories()
			.load(RuntimeHintsRegistrar.class)
			.forEach((registrar) -> registrar.registerHints(hints, HintsRecording.class.getClassLoader()));
		List<RecordedInvocation> recorded = record(args[0], Arrays.copyOfRange(args, 1, args.length));
		for (RecordedInvocation invocation : recorded) {
			if (isOfLibrary(invocation) && !isInVain(invocation) && !isOfBeans(invocation)) {
				System.out.println((invocation.matches(hints) ? "hinted: " : UNKNOWN) + invocation.getMethodReference()
						+ " of " + instance(invocation) + " " + invocation.getArguments());
			}
		}
	}

	/**
	 * Returns the resources in the metadata of core, which does not know Spring.
	 */
	private static List<String> resourcesOfCore() throws IOException {
		try (InputStream metadata = SecretStore.class
			.getResourceAsStream("/META-INF/native-image/dev.ecssecrets/secrets-core/reachability-metadata.json")) {
			return new JsonMapper().readTree(metadata).findValuesAsString("glob");
		}
	}

	private static List<RecordedInvocation> record(String application, String[] args)
			throws ReflectiveOperationException {
		Queue<RecordedInvocation> recorded = new ConcurrentLinkedQueue<>();
		RecordedInvocationsListener listener = recorded::add;
		RecordedInvocationsPublisher.addListener(listener);
		try {
			Class.forName(application).getMethod("main", String[].class).invoke(null, (Object) args);
		}
		finally {
			RecordedInvocationsPublisher.removeListener(listener);
		}
		return List.copyOf(recorded);
	}

	private static boolean isOfLibrary(RecordedInvocation invocation) {
		return isByLibrary(invocation) || isOfLibrary(instance(invocation))
				|| invocation.getArguments().stream().anyMatch(HintsRecording::isOfLibrary);
	}

	private static boolean isByLibrary(RecordedInvocation invocation) {
		String caller = invocation.getStackFrames().findFirst().orElseThrow().getClassName();
		return caller.startsWith("dev.ecssecrets.") && isOfLibrary(ClassUtils.resolveClassName(caller, null));
	}

	/**
	 * Whether it asked for what there is not, such as the field of an enclosing instance.
	 */
	private static boolean isInVain(RecordedInvocation invocation) {
		return invocation.getMethodReference().getMethodName().startsWith("get") && invocation.getReturnValue() == null;
	}

	/**
	 * Whether Spring looks at the methods and fields of a bean. Their hints are generated
	 * with the bean's definition.
	 */
	private static boolean isOfBeans(RecordedInvocation invocation) {
		return !isByLibrary(invocation) && Set.of("getDeclaredFields", "getDeclaredMethods", "getMethod", "getMethods")
			.contains(invocation.getMethodReference().getMethodName());
	}

	private static boolean isOfLibrary(Object subject) {
		return subject instanceof Class<?> type && source(type) != null && LIBRARY.contains(source(type));
	}

	private static Object instance(RecordedInvocation invocation) {
		Object instance = invocation.isStatic() ? "" : invocation.getInstance();
		return (instance instanceof Member member) ? member.getDeclaringClass() : instance;
	}

	private static @Nullable CodeSource source(Class<?> type) {
		return type.getProtectionDomain().getCodeSource();
	}

}
