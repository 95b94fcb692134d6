// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import dev.ecssecrets.boot.Secrets;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.ldap.core.AuthenticationSource;
import org.springframework.ldap.core.support.LdapContextSource;

/**
 * Each connection to the LDAP server binds with the current user and password.
 */
@Configuration(proxyBeanMethods = false)
class LdapConfiguration {

	@Bean
	static BeanPostProcessor currentLdapLogin(ObjectProvider<Secrets> secrets) {
		return new BeanPostProcessor() {

			@Override
			public Object postProcessBeforeInitialization(Object bean, String beanName) {
				if (bean instanceof LdapContextSource source) {
					source.setAuthenticationSource(new CurrentLogin(secrets.getObject()));
				}
				return bean;
			}

		};
	}

	private record CurrentLogin(Secrets secrets) implements AuthenticationSource {

		@Override
		public String getPrincipal() {
			return Login.of(this.secrets.current(), "LDAP").user();
		}

		@Override
		public String getCredentials() {
			return Login.of(this.secrets.current(), "LDAP").password();
		}

	}

}
