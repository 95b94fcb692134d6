// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;

import dev.ecssecrets.boot.ClientCredentials.Pair;
import dev.ecssecrets.boot.ClientLogins;
import io.lettuce.core.RedisException;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisHandshakeHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Schedulers;

/**
 * Logs a new connection in before Lettuce's handshake, which gives up after the first
 * refusal. The handshake begins afterwards, within the time that the client has set for
 * both.
 */
final class LoginHandler extends ChannelInboundHandlerAdapter {

	private final RedisLogins logins;

	private LoginHandler(RedisLogins logins) {
		this.logins = logins;
	}

	/**
	 * Adds a handler to a channel that is not connected yet.
	 */
	static void addTo(Channel channel, RedisLogins logins) {
		ChannelHandlerContext handshake = channel.pipeline().context(RedisHandshakeHandler.class);
		if (handshake != null) {
			channel.pipeline().addBefore(handshake.name(), LoginHandler.class.getName(), new LoginHandler(logins));
		}
	}

	/**
	 * Leaves the event loop, as a refused login waits for secrets.
	 */
	@Override
	public void channelActive(ChannelHandlerContext context) {
		Schedulers.boundedElastic().schedule(() -> {
			try {
				RedisException failure = login(context.channel());
				if (failure == null) {
					context.fireChannelActive();
				}
				else {
					context.fireExceptionCaught(failure);
				}
			}
			catch (CancellationException ex) {
				context.fireExceptionCaught(ex);
			}
			catch (RejectedExecutionException ex) {
				// The client has been shut down.
			}
		});
	}

	/**
	 * Logs in, and again while there are other credentials.
	 * @return why the server has refused all of them, or {@code null}. The handshake
	 * reports other failures
	 */
	private @Nullable RedisException login(Channel channel) {
		ClientLogins<RedisException>.Attempt attempt = this.logins.attempt();
		for (Pair pair = attempt.next(); pair != null; pair = attempt.next()) {
			String password = pair.password();
			RedisException failure = (password != null) ? authenticate(channel, pair.user(), password) : null;
			if (failure == null && attempt.accepted()) {
				this.logins.use(pair);
				return null;
			}
			if (failure != null && !attempt.refused(failure)) {
				return null;
			}
		}
		return attempt.failure();
	}

	/**
	 * Logs in once, as the handshake does.
	 * @return why that has failed, or {@code null}
	 */
	private static @Nullable RedisException authenticate(Channel channel, @Nullable String user, String password) {
		CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8);
		if (user != null) {
			arguments.add(user);
		}
		arguments.add(password.toCharArray());
		AsyncCommand<String, String, String> command = new AsyncCommand<>(
				new Command<>(CommandType.AUTH, new StatusOutput<>(StringCodec.UTF8), arguments));
		channel.writeAndFlush(command).addListener((written) -> {
			if (!written.isSuccess()) {
				command.completeExceptionally(written.cause());
			}
		});
		try {
			command.toCompletableFuture().join();
			return null;
		}
		catch (CompletionException ex) {
			return (ex.getCause() instanceof RedisException failure) ? failure : new RedisException(ex.getCause());
		}
		catch (CancellationException ex) {
			// The connection was closed.
			return new RedisException(ex);
		}
	}

}
