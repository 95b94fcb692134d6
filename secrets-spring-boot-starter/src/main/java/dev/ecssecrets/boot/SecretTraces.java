package dev.ecssecrets.boot;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

import dev.ecssecrets.SecretDeclaration;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Finds what a failure would print of declared secrets, be they fetched or injected. It
 * is made after the failure, as it costs something.
 */
final class SecretTraces {

	static final String MASK = "******";

	/**
	 * A text of this length is nowhere by chance.
	 */
	static final int UNMISTAKABLE = 8;

	/**
	 * As much of a secret as a message may quote.
	 */
	private static final int PIECE = 4;

	private final DependentProperties dependents;

	private final Set<String> values;

	private SecretTraces(DependentProperties dependents, Set<String> values) {
		this.dependents = dependents;
		this.values = values;
	}

	static SecretTraces of(ConfigurableEnvironment environment) {
		Set<String> names = names(environment);
		return new SecretTraces(DependentProperties.ofInjectedToo(environment, names), values(environment, names));
	}

	/**
	 * Returns the names of all secrets, fetched, injected or absent.
	 */
	static Set<String> names(ConfigurableEnvironment environment) {
		Set<String> names = new LinkedHashSet<>();
		for (SecretDeclaration declaration : SecretDeclarations.of(environment).all()) {
			names.add(declaration.name());
		}
		// What was declared when they were fetched may be gone from the configuration.
		if (environment.getPropertySources()
			.get(SecretsPropertySource.NAME) instanceof SystemEnvironmentPropertySource fetched) {
			names.addAll(fetched.getSource().keySet());
		}
		return names;
	}

	private static Set<String> values(ConfigurableEnvironment environment, Collection<String> names) {
		Set<String> values = new LinkedHashSet<>();
		for (PropertySource<?> source : environment.getPropertySources()) {
			if (ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
				continue;
			}
			for (String name : names) {
				Object value = source.getProperty(name);
				if (value != null) {
					values.add(value.toString());
					values.add(expanded(environment, value.toString()));
				}
			}
		}
		values.remove("");
		return values;
	}

	private static String expanded(ConfigurableEnvironment environment, String value) {
		try {
			return environment.resolvePlaceholders(value);
		}
		catch (IllegalArgumentException ex) {
			// It refers to itself.
			return value;
		}
	}

	/**
	 * Whether the value of a property comes from a secret.
	 */
	boolean areIn(ConfigurationPropertyName property) {
		return !property.isEmpty() && this.dependents.contain(property.toString());
	}

	/**
	 * Whether a property or one below has to do with a secret.
	 */
	boolean areNear(ConfigurationPropertyName property) {
		return areIn(property) || this.dependents.containAnyBelow(property.toString());
	}

	/**
	 * Whether a text holds a secret that is long enough not to be there by chance.
	 */
	boolean areIn(@Nullable String text) {
		return text != null
				&& this.values.stream().anyMatch((value) -> value.length() >= UNMISTAKABLE && text.contains(value));
	}

	/**
	 * Whether a text has a piece of a secret, as it may have where one is near.
	 */
	boolean havePiecesIn(@Nullable String text) {
		if (text == null) {
			return false;
		}
		String searched = text.toLowerCase(Locale.ROOT);
		return this.values.stream().anyMatch((value) -> hasPieceOf(value.toLowerCase(Locale.ROOT), searched));
	}

	private static boolean hasPieceOf(String value, String text) {
		int length = Math.min(value.length(), PIECE);
		for (int i = 0; i + length <= value.length(); i++) {
			if (text.contains(value.substring(i, i + length))) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns all that the stack trace of an exception would print but its frames.
	 */
	static String text(Throwable exception) {
		StringBuilder text = new StringBuilder();
		Set<Throwable> known = Collections.newSetFromMap(new IdentityHashMap<>());
		Deque<Throwable> unread = new ArrayDeque<>();
		unread.add(exception);
		while (!unread.isEmpty()) {
			Throwable next = unread.remove();
			if (known.add(next)) {
				text.append(next.getMessage()).append('\n');
				Collections.addAll(unread, next.getSuppressed());
				if (next.getCause() != null) {
					unread.add(next.getCause());
				}
			}
		}
		return text.toString();
	}

}
