package dev.ecssecrets.boot;

import java.util.List;
import java.util.Set;

import dev.ecssecrets.boot.LiveValue.Property;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.context.ConfigurableApplicationContext;
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
final class LiveSecretConverter implements ConditionalGenericConverter {

	private final ConfigurableApplicationContext context;

	private LiveSecretConverter(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Adds the converter to the conversion service of an application, unless that is the
	 * one that all applications share.
	 */
	static void addTo(ConfigurableApplicationContext context) {
		ConversionService conversionService = context.getBeanFactory().getConversionService();
		if (conversionService instanceof ConverterRegistry registry
				&& conversionService != ApplicationConversionService.getSharedInstance()) {
			registry.addConverter(new LiveSecretConverter(context));
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
			throw LiveSecretConversionException.of(sourceType, targetType);
		}
		return converted;
	}

	private @Nullable LiveSecret convert(String text, String placeholders) {
		ConfigurableEnvironment environment = this.context.getEnvironment();
		Secrets secrets = SecretsBean.find(this.context.getBeanFactory());
		if (secrets != null) {
			Property property = new Property(secrets, "@Value(\"" + placeholders + "\")",
					environment.getPropertySources().stream().toList(),
					(properties) -> properties.resolve(placeholders));
			if (property.properties(secrets.current()).textReferencesSecret(placeholders)) {
				return new LiveValue(property);
			}
		}
		// Something else than the Environment may resolve placeholders, or have others.
		boolean resolvedElsewhere = environment.resolvePlaceholders(placeholders).equals(placeholders)
				&& !text.equals(placeholders);
		return resolvedElsewhere ? null : LiveSecret.constant(text);
	}

}
