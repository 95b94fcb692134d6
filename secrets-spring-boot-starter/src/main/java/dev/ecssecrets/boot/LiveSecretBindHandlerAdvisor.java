// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.ecssecrets.boot.LiveValue.Property;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.PropertySource;

/**
 * Binds {@link LiveSecret} wherever {@code @ConfigurationProperties} have one. Instead of
 * the conversion of a text, which would make it constant, Spring Boot gets the finished
 * value.
 */
final class LiveSecretBindHandlerAdvisor implements ConfigurationPropertiesBindHandlerAdvisor {

	private static final String NAME = "ecsSecretsLiveSecretBindHandlerAdvisor";

	// Spring Boot converts nothing to it. Recognized by its identity.
	private static final Bindable<Object> UNCONVERTED = Bindable.of(Object.class);

	private final @Nullable Secrets secrets;

	private final Set<String> live = ConcurrentHashMap.newKeySet();

	private LiveSecretBindHandlerAdvisor(@Nullable Secrets secrets) {
		this.secrets = secrets;
	}

	/**
	 * Adds the advisor to an application, which may have no secrets.
	 */
	static void addTo(ConfigurableApplicationContext context) {
		DefaultListableBeanFactory beanFactory = (DefaultListableBeanFactory) context.getBeanFactory();
		beanFactory.registerBeanDefinition(NAME, SecretsBean.definition(LiveSecretBindHandlerAdvisor.class,
				() -> new LiveSecretBindHandlerAdvisor(SecretsBean.find(beanFactory))));
	}

	/**
	 * Returns whether a type has a property as a {@link LiveSecret} that follows secrets.
	 */
	boolean follows(Class<?> type, ConfigurationPropertyName property) {
		return this.live.contains(key(type, property));
	}

	/**
	 * The name of an environment variable does not tell its words from its elements.
	 */
	private static String key(Class<?> type, ConfigurationPropertyName property) {
		return type.getName() + " " + property.toString().replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
	}

	@Override
	public BindHandler apply(BindHandler bindHandler) {
		return new Handler(bindHandler);
	}

	/**
	 * Handler of one bind.
	 */
	private final class Handler extends AbstractBindHandler {

		// Set by its first call. Within a list, the context has only one source.
		private @Nullable Root root;

		Handler(BindHandler parent) {
			super(parent);
		}

		@Override
		@SuppressWarnings("unchecked")
		public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target,
				BindContext context) {
			if (context.getDepth() == 0) {
				this.root = new Root(target.getType().resolve(Object.class), sources(context));
			}
			Bindable<T> started = super.onStart(name, target, context);
			if (started == null) {
				return null;
			}
			if (isLive(started.getType().asMap().getGeneric(1))) {
				refuseNestedKeys(name, context);
			}
			return isLive(started.getType()) ? (Bindable<T>) UNCONVERTED : started;
		}

		@Override
		@SuppressWarnings("ReferenceEquality")
		public @Nullable Object onSuccess(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
				Object result) {
			return super.onSuccess(name, target, context,
					(target == UNCONVERTED) ? bind(name, context, Objects.requireNonNull(this.root)) : result);
		}

	}

	private static boolean isLive(ResolvableType type) {
		return type.resolve() == LiveSecret.class;
	}

	/**
	 * Spring Boot leaves out a key with dots, unless its value is of a type of Java.
	 */
	private static void refuseNestedKeys(ConfigurationPropertyName map, BindContext context) {
		for (ConfigurationPropertySource source : context.getSources()) {
			if (source instanceof IterableConfigurationPropertySource names && names.stream()
				.anyMatch((name) -> map.isAncestorOf(name)
						&& name.getNumberOfElements() > map.getNumberOfElements() + 1)) {
				LiveSecretConversionException.fail();
			}
		}
	}

	private LiveSecret bind(ConfigurationPropertyName name, BindContext context, Root root) {
		if (this.secrets != null) {
			Property property = new Property(this.secrets, "The property " + name, root.sources(),
					(properties) -> properties.bind(name));
			LiveSecret following = LiveValue.following(property, (properties) -> properties.referencesSecret(name));
			if (following != null) {
				this.live.add(key(root.type(), name));
				return following;
			}
		}
		return LiveSecret.constant(context.getBinder().bind(name, Bindable.of(String.class)).get());
	}

	private static List<PropertySource<?>> sources(BindContext context) {
		List<PropertySource<?>> sources = new ArrayList<>();
		for (ConfigurationPropertySource source : context.getSources()) {
			if (source.getUnderlyingSource() instanceof PropertySource<?> underlying) {
				sources.add(underlying);
			}
		}
		return sources;
	}

	/**
	 * What a bind is of.
	 *
	 * @param type the type that is bound
	 * @param sources the sources of its properties
	 */
	private record Root(Class<?> type, List<PropertySource<?>> sources) {

		/**
		 * Returns no values: some sources print theirs.
		 */
		@Override
		public String toString() {
			return this.type.getName();
		}

	}

}
