package dev.ecssecrets.boot;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.FatalBeanException;
import org.springframework.beans.TypeConverter;
import org.springframework.beans.TypeMismatchException;
import org.springframework.beans.factory.config.BeanExpressionContext;
import org.springframework.beans.factory.config.BeanExpressionResolver;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.DependencyDescriptor;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.context.annotation.ContextAnnotationAutowireCandidateResolver;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Takes secrets out of what {@code @Value("${TOKEN}")} fails with. Where a secret is
 * referred to, it is tried before whether its value can be had, as nothing can come
 * between once Spring has begun; all others are left alone.
 */
final class ValueFreeInjection implements BeanFactoryPostProcessor, PriorityOrdered {

	private final ConfigurableEnvironment environment;

	ValueFreeInjection(ConfigurableEnvironment environment) {
		this.environment = environment;
	}

	/**
	 * Before others add qualifiers to the resolver that is there.
	 */
	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		// A resolver of the application's own stays.
		if (beanFactory instanceof DefaultListableBeanFactory factory && factory.getAutowireCandidateResolver()
			.getClass() == ContextAnnotationAutowireCandidateResolver.class) {
			factory.setAutowireCandidateResolver(new Resolver(this.environment));
		}
	}

	private static final class Resolver extends ContextAnnotationAutowireCandidateResolver {

		private final ConfigurableEnvironment environment;

		private volatile @Nullable DependentProperties known;

		Resolver(ConfigurableEnvironment environment) {
			this.environment = environment;
		}

		@Override
		public @Nullable Object getSuggestedValue(DependencyDescriptor descriptor) {
			Object suggested = super.getSuggestedValue(descriptor);
			if (suggested instanceof String text && text.contains("${") && dependents().areReferredToIn(text)) {
				tryIt(text, descriptor, (DefaultListableBeanFactory) Objects.requireNonNull(getBeanFactory()));
			}
			return suggested;
		}

		private void tryIt(String text, DependencyDescriptor descriptor, DefaultListableBeanFactory factory) {
			try {
				String resolved = factory.resolveEmbeddedValue(text);
				BeanExpressionResolver expressions = factory.getBeanExpressionResolver();
				convert((expressions != null) ? expressions.evaluate(resolved, new BeanExpressionContext(factory, null))
						: resolved, descriptor, factory.getTypeConverter());
			}
			catch (TypeMismatchException ex) {
				throw new TypeMismatchException(SecretTraces.MASK, ex.getRequiredType(), WithheldException.of(ex));
			}
			catch (RuntimeException ex) {
				WithheldException standIn = WithheldException.of(ex);
				throw new FatalBeanException("'" + text + "' has no value; " + standIn.getMessage(), standIn);
			}
		}

		private static void convert(@Nullable Object value, DependencyDescriptor descriptor, TypeConverter converter) {
			Class<?> type = descriptor.getDependencyType();
			try {
				converter.convertIfNecessary(value, type, descriptor.getTypeDescriptor());
			}
			catch (UnsupportedOperationException ex) {
				// As the factory does for converters that do not know descriptors.
				if (descriptor.getField() != null) {
					converter.convertIfNecessary(value, type, descriptor.getField());
				}
				else {
					converter.convertIfNecessary(value, type, descriptor.getMethodParameter());
				}
			}
		}

		private DependentProperties dependents() {
			DependentProperties known = this.known;
			if (known == null || !known.areOf(this.environment)) {
				known = DependentProperties.ofInjectedToo(this.environment, SecretTraces.names(this.environment));
				this.known = known;
			}
			return known;
		}

	}

}
