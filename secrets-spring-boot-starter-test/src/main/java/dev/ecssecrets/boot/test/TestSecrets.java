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
 * They are there before any bean is made, and stand where fetched secrets stand in the
 * environment. No file, region or credentials are needed, and nothing calls AWS.
 * <p>
 * The annotation may be inherited, be on an enclosing class of a {@code @Nested} one, or
 * on an annotation; the nearest one counts, alone. Tests with equal secrets share an
 * application context.
 * <p>
 * A context fails to load if a secret is given that is not declared, or if one is
 * declared, not optional, and not given. A property of the environment that has the name
 * of a secret, such as one of {@code @TestPropertySource}, gives it too.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface TestSecrets {

	/**
	 * The secrets, each as {@code NAME=value} with the name that is declared. A value is
	 * taken as it stands, without trimming. Where the keys of a JSON secret are declared,
	 * give each key's value, or the whole JSON if that is declared too.
	 * @return the secrets
	 */
	String[] value() default {};

	/**
	 * Whether the values stand in a LocalStack rather than in memory: each is put into
	 * the store that its declaration names, under the name that it names, and the
	 * application fetches it by the AWS SDK. Declared secrets that are not given have
	 * their own names as values.
	 * <p>
	 * The LocalStack is {@link dev.ecssecrets.localstack.LocalStack#get()}. Secrets are
	 * fetched with its endpoint, its credentials and, unless
	 * {@code ecs-secrets.aws.region} is set, its region.
	 * @return whether to use a LocalStack
	 */
	boolean localStack() default false;

}
