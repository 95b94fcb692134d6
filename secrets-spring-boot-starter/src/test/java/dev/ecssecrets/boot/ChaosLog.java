// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

import org.springframework.boot.logging.LoggingSystem;

/**
 * The log of all applications at level TRACE. It keeps no line, but counts those that
 * contain a value, and remembers the loggers that must not have logged.
 */
final class ChaosLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {

	final LongAdder lines = new LongAdder();

	final Set<String> loggersOfValues = ConcurrentHashMap.newKeySet();

	final Set<String> errors = ConcurrentHashMap.newKeySet();

	private final LoggerContext loggers = (LoggerContext) LoggerFactory.getILoggerFactory();

	/**
	 * Takes the log from Spring Boot.
	 */
	ChaosLog() {
		System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
		this.loggers.reset();
		setContext(this.loggers);
		start();
		this.loggers.getLogger("ROOT").setLevel(Level.TRACE);
		this.loggers.getLogger("ROOT").addAppender(this);
	}

	@Override
	protected void append(ILoggingEvent event) {
		this.lines.increment();
		String text = event.getFormattedMessage();
		IThrowableProxy failure = event.getThrowableProxy();
		if (text.contains(ChaosAws.CANARY)
				|| (failure != null && ThrowableProxyUtil.asString(failure).contains(ChaosAws.CANARY))) {
			this.loggersOfValues.add(event.getLoggerName());
		}
		if (event.getLevel() == Level.ERROR && event.getLoggerName().startsWith("dev.ecssecrets.")) {
			this.errors.add(event.getLoggerName() + ": " + text);
		}
	}

	/**
	 * Leaves the log to the next application.
	 */
	@Override
	public void close() {
		System.clearProperty(LoggingSystem.SYSTEM_PROPERTY);
		this.loggers.reset();
	}

}
