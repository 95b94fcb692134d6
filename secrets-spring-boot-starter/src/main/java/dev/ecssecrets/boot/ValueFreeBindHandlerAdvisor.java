package dev.ecssecrets.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.bind.validation.ValidationBindHandler;
import org.springframework.boot.context.properties.bind.validation.ValidationErrors;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyNameException;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginProvider;
import org.springframework.core.Ordered;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.convert.ConverterNotFoundException;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.validation.BindingResult;
import org.springframework.validation.Errors;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;
import org.springframework.validation.Validator;

/**
 * Takes secrets out of what a {@code @ConfigurationProperties} bean fails with. Spring
 * Boot still reports the property, its origin, the type and what kind of failure it was.
 */
final class ValueFreeBindHandlerAdvisor implements ConfigurationPropertiesBindHandlerAdvisor, Ordered {

	private final ConfigurableEnvironment environment;

	ValueFreeBindHandlerAdvisor(ConfigurableEnvironment environment) {
		this.environment = environment;
	}

	/**
	 * Around all others, to see what they fail with.
	 */
	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public BindHandler apply(BindHandler bindHandler) {
		return new AbstractBindHandler(bindHandler) {

			@Override
			public @Nullable Object onFailure(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Exception error) throws Exception {
				try {
					return super.onFailure(name, target, context, error);
				}
				catch (BindException ex) {
					// It has been here when the property below failed.
					throw ex;
				}
				catch (Exception ex) {
					throw valueFree(name, target, context.getConfigurationProperty(), ex);
				}
			}

		};
	}

	private Exception valueFree(ConfigurationPropertyName name, Bindable<?> target,
			@Nullable ConfigurationProperty property, Exception error) {
		SecretTraces secrets = SecretTraces.of(this.environment);
		Exception valueFree = valueFree(name, property, error, secrets);
		return (property != null && isSecret(property, secrets))
				? bindException(name, target, masked(property), valueFree) : valueFree;
	}

	private static Exception valueFree(ConfigurationPropertyName name, @Nullable ConfigurationProperty property,
			Exception error, SecretTraces secrets) {
		if (error instanceof ConverterNotFoundException) {
			// It tells types only.
			return error;
		}
		if (error instanceof UnboundConfigurationPropertiesException unbound) {
			return valueFree(unbound, secrets);
		}
		if (error instanceof BindValidationException invalid) {
			return valueFree(invalid, secrets);
		}
		String text = SecretTraces.text(error);
		boolean printed = secrets.areIn(name) || (property != null && secrets.areIn(property.getName()))
				|| (secrets.areNear(name) ? secrets.havePiecesIn(text) : secrets.areIn(text));
		return printed ? valueFree(error) : error;
	}

	/**
	 * Keeps the types, from which Spring Boot tells what would be valid.
	 */
	private static Exception valueFree(Exception error) {
		WithheldException standIn = WithheldException.of(error);
		for (Throwable cause = error; cause != null; cause = cause.getCause()) {
			if (cause instanceof ConversionFailedException failed) {
				return new ConversionFailedException(failed.getSourceType(), failed.getTargetType(), SecretTraces.MASK,
						standIn);
			}
		}
		return standIn;
	}

	private static Exception valueFree(UnboundConfigurationPropertiesException error, SecretTraces secrets) {
		Set<ConfigurationProperty> unbound = new TreeSet<>();
		for (ConfigurationProperty property : error.getUnboundProperties()) {
			unbound.add(isSecret(property, secrets) ? masked(property) : property);
		}
		return new UnboundConfigurationPropertiesException(unbound);
	}

	private static Exception valueFree(BindValidationException error, SecretTraces secrets) {
		ValidationErrors errors = error.getValidationErrors();
		List<ObjectError> valueFree = new ArrayList<>();
		for (ObjectError each : errors) {
			valueFree.add(valueFree(errors.getName(), each, secrets));
		}
		return valueFree.equals(errors.getAllErrors()) ? error : validationException(errors.getName(), valueFree);
	}

	private static ObjectError valueFree(ConfigurationPropertyName name, ObjectError error, SecretTraces secrets) {
		if (!secrets.areNear(name) && !secrets.areIn(error.toString())) {
			return error;
		}
		String message = secrets.havePiecesIn(error.getDefaultMessage())
				? "the message is left out as it may hold a secret" : error.getDefaultMessage();
		if (error instanceof FieldError field) {
			boolean secret = isSecret(name, field, secrets);
			Object rejected = secret ? SecretTraces.MASK : field.getRejectedValue();
			return new ValueFreeFieldError(field, rejected, message, Origin.from(field));
		}
		return new ObjectError(error.getObjectName(), error.getCodes(), null, message);
	}

	private static boolean isSecret(ConfigurationPropertyName name, FieldError field, SecretTraces secrets) {
		try {
			return secrets.areIn(name.append(DataObjectPropertyName.toDashedForm(field.getField())))
					|| secrets.havePiecesIn(String.valueOf(field.getRejectedValue()));
		}
		catch (InvalidConfigurationPropertyNameException ex) {
			return true;
		}
	}

	/**
	 * Has Spring Boot make the exception, which nobody else can.
	 */
	private static BindException bindException(ConfigurationPropertyName name, Bindable<?> target,
			ConfigurationProperty property, Exception cause) {
		BindHandler handler = new BindHandler() {

			@Override
			public @Nullable Object onFailure(ConfigurationPropertyName failed, Bindable<?> type, BindContext context,
					Exception error) throws Exception {
				throw cause;
			}

		};
		Binder binder = new Binder(List.of((asked) -> property), (value) -> {
			throw new IllegalStateException();
		});
		return failure(binder, name.isEmpty() ? property.getName() : name, Bindable.of(target.getType()), handler);
	}

	/**
	 * Has Spring Boot make the exception, which nobody else can.
	 */
	private static BindValidationException validationException(ConfigurationPropertyName name,
			List<ObjectError> errors) {
		Validator validator = new Validator() {

			@Override
			public boolean supports(Class<?> type) {
				return true;
			}

			@Override
			public void validate(Object target, Errors result) {
				errors.forEach(((BindingResult) result)::addError);
			}

		};
		BindHandler handler = new ValidationBindHandler(validator) {

			@Override
			public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName started, Bindable<T> target,
					BindContext context) {
				return null;
			}

		};
		BindException failure = failure(new Binder(), name, Bindable.of(Object.class).withSuppliedValue(Object::new),
				handler);
		return (BindValidationException) Objects.requireNonNull(failure.getCause());
	}

	private static BindException failure(Binder binder, ConfigurationPropertyName name, Bindable<?> target,
			BindHandler handler) {
		try {
			binder.bind(name, target, handler);
		}
		catch (BindException ex) {
			return ex;
		}
		throw new IllegalStateException("'" + name + "' was bound");
	}

	/**
	 * What refers to a secret is none, and tells its name.
	 */
	private static boolean isSecret(ConfigurationProperty property, SecretTraces secrets) {
		String value = property.getValue().toString();
		return secrets.areIn(property.getName()) ? secrets.havePiecesIn(value) : secrets.areIn(value);
	}

	private static ConfigurationProperty masked(ConfigurationProperty property) {
		return new ConfigurationProperty(property.getName(), SecretTraces.MASK, property.getOrigin());
	}

	/**
	 * Has no arguments, as they may be values too.
	 */
	@SuppressWarnings("serial")
	private static final class ValueFreeFieldError extends FieldError implements OriginProvider {

		private final transient @Nullable Origin origin;

		ValueFreeFieldError(FieldError error, @Nullable Object rejected, @Nullable String message,
				@Nullable Origin origin) {
			super(error.getObjectName(), error.getField(), rejected, error.isBindingFailure(), error.getCodes(), null,
					message);
			this.origin = origin;
		}

		@Override
		public @Nullable Origin getOrigin() {
			return this.origin;
		}

	}

}
