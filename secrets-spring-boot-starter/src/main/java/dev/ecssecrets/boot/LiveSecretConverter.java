package dev.ecssecrets.boot;

import java.util.List;
import java.util.Set;

import dev.ecssecrets.boot.LiveValue.Property;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.ConversionService;
import org.springframework.core.convert.TypeDescriptor;
import org.springframework.core.convert.converter.ConditionalGenericConverter;
import org.springframework.core.convert.converter.ConverterRegistry;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Converter of what <code>@Value("${NAME}")</code> injects as a {@link LiveSecret}: it
 * reads the placeholders from the annotation. Where it does not match, Spring asks
 * {@link LiveSecretEditor}.
 */
final class LiveSecretConverter implements ConditionalGenericConverter, BeanFactoryPostProcessor {

	private final ConfigurableEnvironment environment;

	private final ObjectProvider<Secrets> secrets;

	LiveSecretConverter(ConfigurableEnvironment environment, ObjectProvider<Secrets> secrets) {
		this.environment = environment;
		this.secrets = secrets;
	}

	/**
	 * Adds the converter to the conversion service of the application, unless other
	 * applications share that.
	 */
	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		ConversionService conversionService = beanFactory.getConversionService();
		if (conversionService instanceof ConverterRegistry registry
				&& conversionService != ApplicationConversionService.getSharedInstance()) {
			registry.addConverter(this);
		}
	}

	@Override
	public Set<ConvertiblePair> getConvertibleTypes() {
		return Set.of(new ConvertiblePair(String.class, LiveSecret.class));
	}

	@Override
	public boolean matches(TypeDescriptor sourceType, TypeDescriptor targetType) {
		return targetType.hasAnnotation(Value.class) || targetType.hasAnnotation(DefaultValue.class);
	}

	/**
	 * Converts the default of a component, or what an annotation refers to. An expression
	 * is more than its placeholders.
	 */
	@Override
	public Object convert(@Nullable Object source, TypeDescriptor sourceType, TypeDescriptor targetType) {
		Value value = targetType.getAnnotation(Value.class);
		DefaultValue defaultValue = targetType.getAnnotation(DefaultValue.class);
		LiveSecret converted = null;
		if (source instanceof String text && value != null) {
			converted = value.value().contains("#{") ? null : convert(text, value.value());
		}
		else if (source instanceof String text && defaultValue != null) {
			converted = List.of(defaultValue.value()).equals(List.of(text)) ? LiveSecret.constant(text) : null;
		}
		if (converted == null) {
			// Spring would make one that quotes the text.
			throw new ConversionFailedException(sourceType, targetType, SecretsSnapshot.MASK,
					new LiveSecretConversionException());
		}
		return converted;
	}

	private @Nullable LiveSecret convert(String text, String placeholders) {
		Secrets secrets = this.secrets.getIfAvailable();
		if (secrets != null) {
			Property property = new Property(secrets, "@Value(\"" + placeholders + "\")",
					this.environment.getPropertySources().stream().toList(),
					(properties) -> properties.resolve(placeholders));
			if (property.properties(secrets.current()).textReferencesSecret(placeholders)) {
				return new LiveValue(property);
			}
		}
		// Something else than the Environment may resolve placeholders, or have others.
		boolean resolvedElsewhere = this.environment.resolvePlaceholders(placeholders).equals(placeholders)
				&& !text.equals(placeholders);
		return resolvedElsewhere ? null : LiveSecret.constant(text);
	}

}
