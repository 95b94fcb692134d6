// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot.redis;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

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

/**
 * Logs a new connection in before Lettuce's handshake, which gives up after the first
 * refusal. The handshake begins afterwards, within the time that the client has set for
 * both.
 */
@SuppressWarnings("FutureReturnValueIgnored")
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

	@Override
	public void channelActive(ChannelHandlerContext context) {
		login(context, this.logins.attempt());
	}

	/**
	 * Logs in, and again while there are other credentials. Then the handshake begins. It
	 * also reports failures that are no refusals.
	 */
	private void login(ChannelHandlerContext context, ClientLogins<RedisException>.Attempt attempt) {
		attempt.nextWithoutWaiting()
			.thenAccept((pair) -> login(context, attempt, pair))
			.whenComplete((done, ex) -> fail(context, ex));
	}

	private void login(ChannelHandlerContext context, ClientLogins<RedisException>.Attempt attempt,
			@Nullable Pair pair) {
		if (pair == null) {
			context.fireExceptionCaught(attempt.failure());
			return;
		}
		String password = pair.password();
		CompletionStage<?> login = (password != null) ? authenticate(context.channel(), pair.user(), password)
				: CompletableFuture.completedFuture(null);
		login.handle((answer, failure) -> (failure == null) ? attempt.accepted() : !attempt.refused(unwrap(failure)))
			.thenAccept((settled) -> {
				if (settled) {
					this.logins.follow();
					context.fireChannelActive();
				}
				else {
					login(context, attempt);
				}
			})
			.whenComplete((done, ex) -> fail(context, ex));
	}

	private static void fail(ChannelHandlerContext context, @Nullable Throwable failure) {
		if (failure != null) {
			context.fireExceptionCaught(failure);
		}
	}

	/**
	 * Without an answer, the connection was closed.
	 */
	private static RedisException unwrap(Throwable failure) {
		Throwable cause = (failure instanceof CompletionException) ? failure.getCause() : failure;
		return (cause instanceof RedisException ex) ? ex : new RedisException(cause);
	}

	/**
	 * Logs in once, as the handshake does.
	 */
	private static CompletionStage<?> authenticate(Channel channel, @Nullable String user, String password) {
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
		return command;
	}

}
