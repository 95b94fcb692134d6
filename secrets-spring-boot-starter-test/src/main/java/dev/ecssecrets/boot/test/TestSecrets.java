// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Gives the application of a {@code @SpringBootTest}, or of a slice such as
 * {@code @WebMvcTest}, its secrets:
 *
 * <pre class="code">
 * &#064;SpringBootTest
 * &#064;TestSecrets({ "HAMADA_SECRETS=wassyoi", "DB_PASSWORD=local" })
 * class MyTests {
 * </pre>
 *
 * The values are in the environment before any bean is created, with the precedence of
 * fetched secrets. No file, region or credentials are needed, and nothing calls AWS.
 * <p>
 * You can inherit the annotation, put it on the enclosing class of a {@code @Nested} one,
 * or use it on an annotation of your own. Only the nearest one counts. Tests with equal
 * secrets share an application context.
 * <p>
 * A context fails to load if you give a name that is not declared, or if a declared
 * secret is neither given nor optional. A property with exactly the name of a secret,
 * such as one of {@code @TestPropertySource}, gives the secret too.
 *
 * @since 0.1.0
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface TestSecrets {

	/**
	 * The secrets, each as {@code NAME=value} with its declared name. Values are not
	 * trimmed. If keys of a JSON secret are declared, give the value of each key, or the
	 * whole JSON if that is declared too.
	 * @return the secrets
	 */
	String[] value() default {};

	/**
	 * Whether the values are in a LocalStack instead of in memory. Each value is put into
	 * the service and under the name of its declaration, and the application fetches it
	 * as it would from AWS. The value of a declared secret that is not given is its own
	 * name.
	 * <p>
	 * The LocalStack is {@link dev.ecssecrets.localstack.LocalStack#get()}. Secrets are
	 * fetched with its endpoint, its credentials and, unless
	 * {@code ecs-secrets.aws.region} is set, its region.
	 * @return whether to use a LocalStack
	 */
	boolean localStack() default false;

}
