// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.Ordered;

/**
 * Makes a bind of {@code @ConfigurationProperties} one read: all its values are of the
 * same snapshot. Spring Boot reports no end of a bind that throws an {@link Error}.
 */
final class SwapGateBindHandlerAdvisor implements ConfigurationPropertiesBindHandlerAdvisor, Ordered {

	private final SwapGate gate;

	SwapGateBindHandlerAdvisor(SwapGate gate) {
		this.gate = gate;
	}

	/**
	 * Around all others, as they may read values too.
	 */
	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public BindHandler apply(BindHandler bindHandler) {
		return new AbstractBindHandler(bindHandler) {

			@Override
			public <T> @Nullable Bindable<T> onStart(ConfigurationPropertyName name, Bindable<T> target,
					BindContext context) {
				if (isWholeBind(context)) {
					SwapGateBindHandlerAdvisor.this.gate.enter(context);
				}
				return super.onStart(name, target, context);
			}

			@Override
			public @Nullable Object onFailure(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					Exception error) throws Exception {
				try {
					return super.onFailure(name, target, context, error);
				}
				finally {
					leave(context);
				}
			}

			@Override
			public void onFinish(ConfigurationPropertyName name, Bindable<?> target, BindContext context,
					@Nullable Object result) throws Exception {
				try {
					super.onFinish(name, target, context, result);
				}
				finally {
					leave(context);
				}
			}

		};
	}

	private void leave(BindContext context) {
		if (isWholeBind(context)) {
			this.gate.leave(context);
		}
	}

	private static boolean isWholeBind(BindContext context) {
		return context.getDepth() == 0;
	}

}
