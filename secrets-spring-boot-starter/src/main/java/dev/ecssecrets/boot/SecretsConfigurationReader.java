// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import dev.ecssecrets.InvalidTaskDefinitionException;
import dev.ecssecrets.PrintableText;
import dev.ecssecrets.SecretDeclaration;
import dev.ecssecrets.SecretFailure;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.TaskDefinition;
import dev.ecssecrets.boot.SecretsProperties.Store;
import dev.ecssecrets.boot.SecretsPropertiesBinder.Bound;
import dev.ecssecrets.boot.SecretsPropertiesBinder.Element;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.Resource;
import org.springframework.util.function.SingletonSupplier;

/**
 * Reader of the configuration, which nothing else reads: the keys, the list of
 * declarations, then the task definition.
 */
final class SecretsConfigurationReader {

	private static final ConfigurationPropertyName TASK_DEFINITION = SecretsPropertiesBinder.PREFIX
		.append("task-definition");

	private static final ConfigurationPropertyName STORE = SecretsPropertiesBinder.PREFIX.append("store");

	private static final String PLACEHOLDERS_HINT = ". To replace placeholders with properties of the application, set "
			+ SecretsProperties.PREFIX + ".task-definition-placeholders to true";

	private final ConfigurableEnvironment environment;

	private final SecretsProperties properties;

	private final List<UnknownKey> mistakes;

	private final PresentValues present;

	// Spring looks for the URL of a file whenever it prints an origin in it.
	private final Map<Resource, String> files = new HashMap<>();

	private SecretsConfigurationReader(ConfigurableEnvironment environment, SecretsProperties properties,
			List<UnknownKey> mistakes) {
		this.environment = environment;
		this.properties = properties;
		this.mistakes = mistakes;
		this.present = PresentValues.of(environment);
	}

	/**
	 * Reads the configuration.
	 * @param environment the environment with the configuration files
	 * @return the configuration, or {@code null} if secrets are disabled or there is no
	 * word about them
	 */
	static @Nullable SecretsConfiguration read(ConfigurableEnvironment environment) {
		return read(environment, SecretsPropertiesBinder.bind(environment));
	}

	/**
	 * Reads the configuration of an application that has secrets. They may be gone from
	 * it by now: then it has no declarations.
	 */
	static SecretsConfiguration readAgain(ConfigurableEnvironment environment) {
		Bound bound = SecretsPropertiesBinder.bind(environment);
		SecretsConfiguration configuration = read(environment, bound);
		return (configuration != null) ? configuration
				: new SecretsConfiguration(bound.properties(), List.of(), List.of(), List.of(), List.of());
	}

	private static @Nullable SecretsConfiguration read(ConfigurableEnvironment environment, Bound bound) {
		SecretsProperties properties = bound.properties();
		if (!properties.enabled()) {
			return null;
		}
		List<UnknownKey> unknownKeys = UnknownKey.find(environment);
		if (properties.secrets().isEmpty() && properties.taskDefinition() == null && unknownKeys.isEmpty()) {
			return null;
		}
		List<String> warnings = new ArrayList<>();
		List<UnknownKey> mistakes = new ArrayList<>();
		for (UnknownKey key : unknownKeys) {
			if (key.isMistake()) {
				mistakes.add(key);
			}
			else {
				warnings.add(PrintableText.of(key.toString()) + " is not a configuration key of this library");
			}
		}
		return new SecretsConfigurationReader(environment, properties, mistakes).read(bound.list(), warnings);
	}

	private SecretsConfiguration read(List<Element> list, List<String> warnings) {
		List<SecretDeclaration> declarations = new ArrayList<>();
		List<SecretFailure> rejected = new ArrayList<>();
		for (UnknownKey mistake : this.mistakes) {
			if (IntStream.range(0, list.size())
				.noneMatch((i) -> SecretsPropertiesBinder.element(i).isAncestorOf(mistake.name()))) {
				rejected.add(mistake.failure());
			}
		}
		if (this.properties.store() == Store.PLACEHOLDER && !TrainingRun.isInProgress()) {
			rejected.add(failure(STORE, ConfigurationReason.NO_TRAINING_RUN, "it is set to placeholder"));
		}
		Set<String> names = new HashSet<>();
		for (int i = 0; i < list.size(); i++) {
			Element element = list.get(i);
			SecretDeclaration declaration = declaration(element);
			declarations.add(declaration);
			addIfPresent(problem(i, element, declaration), rejected);
			if (!declaration.name().isEmpty() && !names.add(declaration.name())) {
				warnings.add(PrintableText.of(declaration.origin() + " declares '" + declaration.name() + "'")
						+ " a second time; ECS rejects such a task definition");
			}
		}
		if (this.properties.taskDefinition() != null) {
			readTaskDefinition(this.properties.taskDefinition(), declarations, rejected, warnings);
		}
		List<String> unbindable = new ArrayList<>();
		Set<String> checked = new HashSet<>();
		Supplier<List<String>> texts = SingletonSupplier.of(() -> SecretNames.textsWithPlaceholders(this.environment));
		for (SecretDeclaration declaration : declarations) {
			if (!declaration.name().isBlank() && checked.add(declaration.name())) {
				SecretNames.check(declaration.name(), this.present, texts, warnings, unbindable);
			}
		}
		return new SecretsConfiguration(this.properties, declarations, rejected, warnings, unbindable);
	}

	private SecretDeclaration declaration(Element element) {
		SecretsProperties.Secret secret = element.secret();
		ConfigurationProperty valueFrom = element.valueFrom();
		String text = Objects.requireNonNullElse(secret.valueFrom(), "");
		String written = (valueFrom != null && valueFrom.getValue() instanceof CharSequence value) ? value.toString()
				: text;
		return new SecretDeclaration(Objects.requireNonNullElse(secret.name(), ""), text, secret.optional(),
				origin(element.name(), valueFrom), written);
	}

	private @Nullable SecretFailure problem(int index, Element element, SecretDeclaration declaration) {
		for (UnknownKey mistake : this.mistakes) {
			if (SecretsPropertiesBinder.element(index).isAncestorOf(mistake.name())) {
				return new SecretFailure(declaration, ConfigurationReason.UNKNOWN_KEY, mistake.toString());
			}
		}
		if (isUnquoted(element.name()) || isUnquoted(element.valueFrom())) {
			return new SecretFailure(declaration, Reason.INVALID_DECLARATION,
					"YAML reads a part of it as a number or a boolean: put name and value-from in quotes");
		}
		return problem(declaration);
	}

	private @Nullable SecretFailure problem(SecretDeclaration declaration) {
		String name = declaration.name();
		if (this.present.isInjected(name) || this.present.isOverridden(name)) {
			return null;
		}
		if (PresentValues.isReadEarly(name)) {
			return new SecretFailure(declaration, ConfigurationReason.READ_TOO_EARLY,
					"Spring reads it before secrets are loaded");
		}
		String placeholders = Placeholders.describe(declaration.valueFrom(), declaration.writtenValueFrom());
		return placeholders.isEmpty() ? null : new SecretFailure(declaration, Reason.INVALID_REFERENCE, placeholders);
	}

	/**
	 * ECS takes the text of a task definition as it is, and so does this library by
	 * default.
	 */
	private @Nullable SecretFailure problemInDocument(SecretDeclaration declaration) {
		SecretFailure problem = problem(declaration);
		return (problem == null || problem.reason() != Reason.INVALID_REFERENCE
				|| this.properties.taskDefinitionPlaceholders()) ? problem
						: new SecretFailure(declaration, Reason.INVALID_REFERENCE,
								"placeholders in a task definition are not replaced" + PLACEHOLDERS_HINT);
	}

	private void readTaskDefinition(String location, List<SecretDeclaration> declarations, List<SecretFailure> rejected,
			List<String> warnings) {
		String container = this.properties.containerName();
		try {
			TaskDefinition document = Locations.taskDefinition(location,
					this.properties.taskDefinitionPlaceholders() ? this.environment : null);
			Set<List<String>> declared = new HashSet<>();
			declarations.forEach((declaration) -> declared.add(nameAndValueFrom(declaration)));
			for (SecretDeclaration declaration : document.secrets(container)) {
				if (declared.add(nameAndValueFrom(declaration))) {
					declarations.add(declaration);
					addIfPresent(problemInDocument(declaration), rejected);
				}
			}
			warnings.addAll(document.warnings(container));
		}
		catch (IOException ex) {
			rejected.add(taskDefinitionFailure(Locations.describe(location, ex)));
		}
		catch (InvalidTaskDefinitionException ex) {
			String message = Objects.requireNonNull(ex.getMessage());
			rejected.add(taskDefinitionFailure(((message.contains("${") || message.contains("placeholder"))
					&& !this.properties.taskDefinitionPlaceholders()) ? message + PLACEHOLDERS_HINT : message));
		}
	}

	private SecretFailure taskDefinitionFailure(String detail) {
		return failure(TASK_DEFINITION, ConfigurationReason.INVALID_TASK_DEFINITION, detail);
	}

	private SecretFailure failure(ConfigurationPropertyName key, ConfigurationReason reason, String detail) {
		String origin = StreamSupport.stream(ConfigurationPropertySources.get(this.environment).spliterator(), false)
			.map((source) -> origin(source.getConfigurationProperty(key)))
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
		return new SecretFailure(key.toString(), origin, reason, detail);
	}

	private static void addIfPresent(@Nullable SecretFailure failure, List<SecretFailure> failures) {
		if (failure != null) {
			failures.add(failure);
		}
	}

	/**
	 * What is the same where the list and the document declare the same; another
	 * {@code valueFrom} is a contradiction, which is found when they are resolved.
	 */
	private static List<String> nameAndValueFrom(SecretDeclaration declaration) {
		return List.of(declaration.name(), declaration.valueFrom());
	}

	private @Nullable String origin(@Nullable ConfigurationProperty... properties) {
		for (ConfigurationProperty property : properties) {
			Origin origin = (property != null) ? property.getOrigin() : null;
			if (origin instanceof TextResourceOrigin text && text.getResource() != null && text.getLocation() != null) {
				return file(text.getResource()) + " - " + text.getLocation();
			}
			if (origin != null) {
				return origin.toString();
			}
		}
		return null;
	}

	private String file(Resource resource) {
		String file = this.files.get(resource);
		if (file == null) {
			file = new TextResourceOrigin(resource, null).toString();
			this.files.put(resource, file);
		}
		return file;
	}

	/**
	 * YAML reads {@code ON} as {@code true} and {@code 0123} as {@code 83}.
	 */
	private static boolean isUnquoted(@Nullable ConfigurationProperty property) {
		return property != null && (property.getValue() instanceof Boolean || property.getValue() instanceof Number);
	}

}
