package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.ecssecrets.boot.LiveValue.Property;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.context.ConfigurableApplicationContext;
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

	private final Set<ConfigurationPropertyName> live = ConcurrentHashMap.newKeySet();

	private LiveSecretBindHandlerAdvisor(@Nullable Secrets secrets) {
		this.secrets = secrets;
	}

	/**
	 * Adds the advisor to an application, which may have no secrets.
	 */
	static void addTo(ConfigurableApplicationContext context) {
		DefaultListableBeanFactory beanFactory = (DefaultListableBeanFactory) context.getBeanFactory();
		RootBeanDefinition definition = new RootBeanDefinition(LiveSecretBindHandlerAdvisor.class,
				() -> new LiveSecretBindHandlerAdvisor(SecretsBean.find(beanFactory)));
		definition.setRole(BeanDefinition.ROLE_INFRASTRUCTURE);
		definition.setAttribute(BeanRegistrationAotProcessor.IGNORE_REGISTRATION_ATTRIBUTE, true);
		beanFactory.registerBeanDefinition(NAME, definition);
	}

	/**
	 * Returns whether a property is bound to a {@link LiveSecret} that follows secrets.
	 */
	boolean follows(ConfigurationPropertyName property) {
		return this.live.contains(property);
	}

	@Override
	public BindHandler apply(BindHandler bindHandler) {
		return new AbstractBindHandler(bindHandler) {

			@Override
			@SuppressWarnings("unchecked")
			public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target,
					BindContext context) {
				Bindable<T> started = super.onStart(name, target, context);
				return (started != null && started.getType().resolve() == LiveSecret.class) ? (Bindable<T>) UNCONVERTED
						: started;
			}

			@Override
			@SuppressWarnings("ReferenceEquality")
			public @Nullable Object onSuccess(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Object result) {
				return super.onSuccess(name, target, context, (target == UNCONVERTED) ? bind(name, context) : result);
			}

		};
	}

	private LiveSecret bind(ConfigurationPropertyName name, BindContext context) {
		if (this.secrets != null) {
			Property property = new Property(this.secrets, "The property " + name, sources(context),
					(properties) -> properties.bind(name));
			if (property.properties(this.secrets.current()).referencesSecret(name)) {
				this.live.add(name);
				return new LiveValue(property);
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

}
