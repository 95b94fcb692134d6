// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import dev.ecssecrets.boot.FollowingClientContract;
import dev.ecssecrets.servers.RedisServer;
import org.junit.jupiter.api.Tag;

import org.springframework.context.ConfigurableApplicationContext;

/**
 * A client of Redis by Lettuce follows its secrets.
 */
@Tag("redis")
class FollowingLettuceIT extends FollowingClientContract {

	private RedisServer server;

	@Override
	protected void start() {
		this.server = RedisServer.start();
	}

	@Override
	protected void stop() {
		this.server.close();
	}

	@Override
	protected void setPassword(String user, String password) {
		this.server.setPassword(user, password);
	}

	@Override
	protected Set<String> sessionsOf(String user) {
		return this.server.command("CLIENT", "LIST")
			.lines()
			.filter((line) -> line.contains(" user=" + user + " "))
			.map((line) -> line.substring(0, line.indexOf(' ')))
			.collect(Collectors.toSet());
	}

	@Override
	protected void endSessions(ConfigurableApplicationContext context) {
		this.server.endSessions();
	}

	@Override
	protected List<String> properties() {
		return List.of("spring.data.redis.port=" + this.server.port(), "spring.data.redis.username=${DB_USER}",
				"spring.data.redis.password=${DB_PASSWORD}", "spring.data.redis.timeout=4s",
				"details.port=" + this.server.port());
	}

	@Override
	protected Class<?> application() {
		return RedisClients.Application.class;
	}

	@Override
	protected Class<?> applicationWithDetails() {
		return RedisClients.WithDetails.class;
	}

	@Override
	protected String userOf(ConfigurableApplicationContext context) {
		return RedisClients.userOf(context);
	}

}
