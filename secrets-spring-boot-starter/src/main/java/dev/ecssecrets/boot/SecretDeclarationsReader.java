package dev.ecssecrets.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import dev.ecssecrets.InvalidTaskDefinitionException;
import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.TaskDefinition;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;

/**
 * Reads the list of declarations, then the task definition.
 */
final class SecretDeclarationsReader {

	/**
	 * What Spring Boot, Spring Cloud and this library read before the secrets are there.
	 */
	private static final List<ConfigurationPropertyName> READ_EARLIER = Stream
		.of("spring.application.json", "spring.cloud.bootstrap", "spring.config", "spring.main.cloud.platform",
				"spring.profiles", "ecs.secrets", "ecssecrets")
		.map(ConfigurationPropertyName::of)
		.toList();

	private static final ConfigurationPropertyName TASK_DEFINITION = ConfigurationPropertyName
		.of(SecretsProperties.PREFIX + ".task-definition");

	private final ConfigurableEnvironment environment;

	private final SecretsProperties properties;

	private final List<UnknownKey> mistakes;

	private final Predicate<String> injected;

	private final List<SecretDeclaration> all = new ArrayList<>();

	private final List<SecretFailure> rejected = new ArrayList<>();

	private final List<String> warnings = new ArrayList<>();

	SecretDeclarationsReader(ConfigurableEnvironment environment, SecretsProperties properties,
			List<UnknownKey> unknownKeys) {
		this.environment = environment;
		this.properties = properties;
		this.mistakes = unknownKeys.stream().filter(UnknownKey::isMistake).toList();
		this.injected = SecretsLoader.injected(environment);
	}

	SecretDeclarations read() {
		int size = this.properties.secrets().size();
		for (UnknownKey mistake : this.mistakes) {
			if (IntStream.range(0, size).noneMatch((i) -> element(i).isAncestorOf(mistake.name()))) {
				this.rejected.add(mistake.failure());
			}
		}
		ConfigurationPropertySource source = SecretListBinder.source(this.environment);
		Set<String> names = new HashSet<>();
		for (int i = 0; i < size; i++) {
			SecretDeclaration declaration = readElement(element(i), this.properties.secrets().get(i), source);
			if (!declaration.name().isEmpty() && !names.add(declaration.name())) {
				this.warnings.add(PrintableText.of(declaration.origin() + " declares '" + declaration.name() + "'")
						+ " a second time; ECS refuses to register such a task definition");
			}
		}
		if (this.properties.taskDefinition() != null) {
			readTaskDefinition(this.properties.taskDefinition());
		}
		return new SecretDeclarations(this.all, this.rejected, this.warnings);
	}

	private SecretDeclaration readElement(ConfigurationPropertyName element, SecretsProperties.Secret secret,
			@Nullable ConfigurationPropertySource source) {
		ConfigurationProperty name = property(source, element.append("name"));
		ConfigurationProperty valueFrom = property(source, element.append("value-from"));
		String text = Objects.requireNonNullElse(secret.valueFrom(), "");
		String written = (valueFrom != null && valueFrom.getValue() instanceof CharSequence value) ? value.toString()
				: text;
		SecretDeclaration declaration = new SecretDeclaration(Objects.requireNonNullElse(secret.name(), ""), text,
				secret.optional(), origin(name, valueFrom), written);
		UnknownKey key = mistake(element);
		if (key != null) {
			reject(declaration, Reason.UNKNOWN_KEY, key.toString());
		}
		else if (isUnquoted(name) || isUnquoted(valueFrom)) {
			reject(declaration, Reason.INVALID_DECLARATION,
					"YAML takes a part of it for a number or a boolean: put name and value-from in quotes");
		}
		else {
			add(declaration);
		}
		return declaration;
	}

	private @Nullable UnknownKey mistake(ConfigurationPropertyName element) {
		for (UnknownKey mistake : this.mistakes) {
			if (element.isAncestorOf(mistake.name())) {
				return mistake;
			}
		}
		return null;
	}

	private void readTaskDefinition(String location) {
		String container = this.properties.containerName();
		try {
			TaskDefinition definition = taskDefinition(ApplicationResourceLoader.get().getResource(location));
			definition.secrets(container)
				.stream()
				.filter((declaration) -> this.all.stream().noneMatch((other) -> isSame(declaration, other)))
				.forEach(this::add);
			this.warnings.addAll(definition.warnings(container));
		}
		catch (IOException ex) {
			rejectTaskDefinition(location + " cannot be read: " + ex);
		}
		catch (InvalidTaskDefinitionException ex) {
			rejectTaskDefinition(Objects.requireNonNull(ex.getMessage()));
		}
	}

	private static TaskDefinition taskDefinition(Resource resource) throws IOException {
		String name = Objects.requireNonNullElse(resource.getFilename(), "the task definition");
		// Where the location holds the content (base64:), there is no address.
		return (resource instanceof ByteArrayResource content) ? TaskDefinition.parse(name, content.getByteArray())
				: TaskDefinition.read(name, resource.getURL());
	}

	private void rejectTaskDefinition(String problem) {
		String origin = StreamSupport.stream(ConfigurationPropertySources.get(this.environment).spliterator(), false)
			.map((source) -> origin(source.getConfigurationProperty(TASK_DEFINITION)))
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
		this.rejected.add(new SecretFailure(new SecretDeclaration(TASK_DEFINITION.toString(), "", false, origin),
				Reason.INVALID_TASK_DEFINITION, problem));
	}

	/**
	 * Whether the list and the document declare the same; another {@code valueFrom} is a
	 * contradiction, which is found when they are resolved.
	 */
	private static boolean isSame(SecretDeclaration declaration, SecretDeclaration other) {
		return declaration.name().equals(other.name()) && declaration.valueFrom().equals(other.valueFrom());
	}

	private void add(SecretDeclaration declaration) {
		if (!this.injected.test(declaration.name()) && isReadEarlier(declaration.name())) {
			reject(declaration, Reason.READ_TOO_EARLY, "what has this name is read before the secrets are there");
		}
		else {
			this.all.add(declaration);
		}
	}

	private void reject(SecretDeclaration declaration, Reason reason, String detail) {
		this.all.add(declaration);
		this.rejected.add(new SecretFailure(declaration, reason, detail));
	}

	private static ConfigurationPropertyName element(int index) {
		return SecretListBinder.SECRETS.append("[" + index + "]");
	}

	private static @Nullable ConfigurationProperty property(@Nullable ConfigurationPropertySource source,
			ConfigurationPropertyName name) {
		return (source != null) ? source.getConfigurationProperty(name) : null;
	}

	private static @Nullable String origin(@Nullable ConfigurationProperty... properties) {
		for (ConfigurationProperty property : properties) {
			if (property != null && property.getOrigin() != null) {
				return property.getOrigin().toString();
			}
		}
		return null;
	}

	/**
	 * YAML reads {@code ON} as {@code true} and {@code 0123} as {@code 83}.
	 */
	private static boolean isUnquoted(@Nullable ConfigurationProperty property) {
		return property != null && (property.getValue() instanceof Boolean || property.getValue() instanceof Number);
	}

	private static boolean isReadEarlier(String name) {
		ConfigurationPropertyName property = ConfigurationPropertyName
			.adapt(name.toLowerCase(Locale.ROOT).replace('_', '.'), '.');
		return READ_EARLIER.stream().anyMatch((early) -> early.equals(property) || early.isAncestorOf(property));
	}

}
