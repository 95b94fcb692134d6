// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;

/**
 * Lets secrets be there that
 * {@code @ConfigurationProperties(ignoreUnknownFields = false)} does not bind, as Spring
 * Boot lets environment variables.
 */
class UnboundSecretsBindHandlerAdvisor implements ConfigurationPropertiesBindHandlerAdvisor {

	@Override
	public BindHandler apply(BindHandler bindHandler) {
		return new AbstractBindHandler(bindHandler) {

			@Override
			public void onFinish(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					@Nullable Object result) throws Exception {
				try {
					super.onFinish(name, target, context, result);
				}
				catch (UnboundConfigurationPropertiesException ex) {
					Set<ConfigurationProperty> unbound = unboundElsewhere(ex.getUnboundProperties(), context);
					if (!unbound.isEmpty()) {
						throw new UnboundConfigurationPropertiesException(unbound);
					}
				}
			}

		};
	}

	/**
	 * A name is reported once, from the source that comes first: behind a secret it may
	 * stand in a configuration file too.
	 */
	private static Set<ConfigurationProperty> unboundElsewhere(Set<ConfigurationProperty> unbound,
			BindContext context) {
		UnboundElementsSourceFilter filter = new UnboundElementsSourceFilter();
		Set<ConfigurationProperty> elsewhere = new TreeSet<>();
		for (ConfigurationProperty property : unbound) {
			StreamSupport.stream(context.getSources().spliterator(), false)
				.filter((source) -> !isSecrets(source) && filter.apply(source))
				.map((source) -> source.getConfigurationProperty(property.getName()))
				.filter((candidate) -> candidate != null)
				.findFirst()
				.ifPresent(elsewhere::add);
		}
		return elsewhere;
	}

	private static boolean isSecrets(ConfigurationPropertySource source) {
		return source.getUnderlyingSource() instanceof SecretsPropertySource;
	}

}
