package dev.ecssecrets.boot.redis;

import java.nio.charset.StandardCharsets;

import dev.ecssecrets.boot.SecretsAutoConfiguration;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisConnectionDetails;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Client of Redis in an application. Tests do not name its types themselves: most runs of
 * tests do not have them.
 */
final class RedisClients {

	private RedisClients() {
	}

	/**
	 * Returns the user that Redis knows the client by.
	 */
	static String userOf(ConfigurableApplicationContext context) {
		return context.getBean(StringRedisTemplate.class).execute((RedisCallback<String>) RedisClients::userOf);
	}

	private static String userOf(RedisConnection connection) {
		Object user = connection.execute("ACL", "WHOAMI".getBytes(StandardCharsets.UTF_8));
		assertThat(user).isInstanceOf(byte[].class);
		return new String((byte[]) user, StandardCharsets.UTF_8);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class,
			ConfigurationPropertiesAutoConfiguration.class, DataRedisAutoConfiguration.class,
			SecretsAutoConfiguration.class, SecretsLettuceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class WithDetails {

		@Bean
		DataRedisConnectionDetails details(Environment environment) {
			return new DataRedisConnectionDetails() {

				@Override
				public String getUsername() {
					return environment.getRequiredProperty("details.user");
				}

				@Override
				public String getPassword() {
					return environment.getRequiredProperty("details.password");
				}

				@Override
				public Standalone getStandalone() {
					return Standalone.of("localhost", environment.getRequiredProperty("details.port", Integer.class));
				}

			};
		}

	}

}
