// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Set;

import dev.ecssecrets.boot.LiveValue.Property;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.MethodParameter;
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
	 * Adds the converter to the conversion service of an application, unless others may
	 * have the same one.
	 */
	static void addTo(ConfigurableApplicationContext context) {
		ConversionService conversionService = context.getBeanFactory().getConversionService();
		if (conversionService instanceof ConverterRegistry registry
				&& conversionService == context.getEnvironment().getConversionService()
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
			boolean whole = isWhole(targetType) && !value.value().contains("#{");
			converted = whole ? convert(text, value.value()) : null;
		}
		else if (source instanceof String text && defaultValue != null) {
			converted = List.of(defaultValue.value()).equals(List.of(text)) ? LiveSecret.constant(text) : null;
		}
		if (converted == null) {
			throw LiveSecretConversionException.of(sourceType, targetType);
		}
		return converted;
	}

	/**
	 * Returns whether the annotation is that of a field or parameter itself. The elements
	 * of a list have the annotation of the list.
	 */
	private static boolean isWhole(TypeDescriptor targetType) {
		return targetType.getSource() instanceof Field || targetType.getSource() instanceof MethodParameter;
	}

	/**
	 * Returns {@code null} if the text is not what the placeholders refer to, but what
	 * somebody else has made of it.
	 */
	private @Nullable LiveSecret convert(String text, String placeholders) {
		ConfigurableEnvironment environment = this.context.getEnvironment();
		Secrets secrets = SecretsBean.find(this.context.getBeanFactory());
		if (!environment.resolvePlaceholders(placeholders).trim().equals(text.trim())) {
			return null;
		}
		if (secrets != null) {
			Property property = new Property(secrets, "@Value(\"" + placeholders + "\")",
					environment.getPropertySources().stream().toList(),
					(properties) -> properties.resolve(placeholders));
			LiveSecret following = LiveValue.following(property,
					(properties) -> properties.textReferencesSecret(placeholders));
			if (following != null) {
				return following;
			}
		}
		return LiveSecret.constant(text);
	}

}
