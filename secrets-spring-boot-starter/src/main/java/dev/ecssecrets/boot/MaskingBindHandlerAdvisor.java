// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Masks secrets in the causes of a {@code @ConfigurationProperties} bean's
 * {@link BindException}, so that its stack trace has none. Nobody but Spring Boot can
 * make that exception itself, or one of validation: {@link MaskingFailureAnalyzer} masks
 * what it reports of them.
 */
final class MaskingBindHandlerAdvisor implements ConfigurationPropertiesBindHandlerAdvisor, Ordered {

	private final Secrets secrets;

	private final ConfigurableEnvironment environment;

	MaskingBindHandlerAdvisor(Secrets secrets, ConfigurableEnvironment environment) {
		this.secrets = secrets;
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
				catch (BindException | BindValidationException | UnboundConfigurationPropertiesException ex) {
					throw ex;
				}
				catch (Exception ex) {
					throw masked(ex, context.getConfigurationProperty());
				}
			}

		};
	}

	private Exception masked(Exception error, @Nullable ConfigurationProperty property) {
		FailureMask mask = new FailureMask(this.secrets.current(), this.environment);
		if (property != null && mask.covers(property.getName())) {
			return mask.withoutMessages(error);
		}
		return mask.isQuotedBy(error) ? mask.mask(error) : error;
	}

}
