// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.ecssecrets.boot.ClientCredentials;
import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientCredentials.Source;
import dev.ecssecrets.boot.CredentialProperties;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * Properties that the user and the password of a client come from. Spring Boot takes both
 * from the URL if there is one.
 *
 * @param source the secrets
 * @param user the property that has the user, or {@code null} if there is none
 * @param password the property that has the password, or {@code null} if there is none
 * @param url the property that may have a URL instead
 */
record RedisCredentialProperties(Source source, @Nullable String user, @Nullable String password, String url) {

	/**
	 * Returns the properties below a prefix that have a user and a password.
	 */
	static RedisCredentialProperties of(Source source, String prefix) {
		String url = prefix + ".url";
		CredentialProperties properties = source.properties();
		boolean inUrl = properties.bind(url) != null;
		RedisCredentialProperties all = new RedisCredentialProperties(source, inUrl ? url : prefix + ".username",
				inUrl ? url : prefix + ".password", url);
		Pair pair = all.pair(properties);
		return new RedisCredentialProperties(source, (pair.user() != null) ? all.user() : null,
				(pair.password() != null) ? all.password() : null, url);
	}

	/**
	 * Returns whether the user or the password comes from a secret that a load may
	 * change.
	 */
	boolean referenceSecret() {
		CredentialProperties properties = this.source.properties();
		return Stream.of(this.user, this.password).filter(Objects::nonNull).anyMatch(properties::referencesSecret);
	}

	/**
	 * Returns the current pair.
	 */
	Pair pair() {
		return pair(this.source.properties());
	}

	/**
	 * Returns the credentials of a client.
	 * @param own returns the pair that it has
	 */
	ClientCredentials credentials(Supplier<Pair> own) {
		return new ClientCredentials(this.source, this.user, this.password, this::pair, own);
	}

	private Pair pair(CredentialProperties properties) {
		if (this.url.equals(this.user) || this.url.equals(this.password)) {
			String url = properties.bind(this.url);
			return (url != null) ? pair(url) : new Pair(null, null);
		}
		return new Pair(value(properties, this.user), value(properties, this.password));
	}

	private static @Nullable String value(CredentialProperties properties, @Nullable String property) {
		return (property != null) ? text(properties.bind(property)) : null;
	}

	private static Pair pair(String url) {
		try {
			String info = Objects.requireNonNullElse(new URI(url).getUserInfo(), "");
			int colon = info.indexOf(':');
			return new Pair(text(info.substring(0, Math.max(colon, 0))), text(info.substring(colon + 1)));
		}
		catch (URISyntaxException ex) {
			// A new value has to be percent-encoded in a URL.
			return new Pair(null, null);
		}
	}

	private static @Nullable String text(@Nullable String value) {
		return StringUtils.hasText(value) ? value : null;
	}

}
