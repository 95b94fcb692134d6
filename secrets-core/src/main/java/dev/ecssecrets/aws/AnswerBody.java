// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Body of an answer. Reading fails with an {@link IOException} beyond a limit of size or
 * time. Large bodies of one fetch are read one after the other.
 */
final class AnswerBody extends InputStream {

	private static final int MAX_SIZE_AT_ONCE = 64 * 1024;

	private final InputStream content;

	private final long length;

	private final int maxSize;

	private final Deadline deadline;

	private final Semaphore largeBodies;

	private long count;

	private boolean hasTurn;

	private boolean ended;

	private boolean closed;

	/**
	 * Creates a body.
	 * @param content the content
	 * @param length the declared length, or -1 if none is declared
	 * @param maxSize the largest size that is read
	 * @param deadline the end of the call
	 * @param largeBodies the turn of large bodies
	 */
	AnswerBody(InputStream content, long length, int maxSize, Deadline deadline, Semaphore largeBodies) {
		this.content = content;
		this.length = length;
		this.maxSize = maxSize;
		this.deadline = deadline;
		this.largeBodies = largeBodies;
	}

	boolean isTooLarge() {
		return Math.max(this.length, this.count) > this.maxSize;
	}

	@Override
	public int read() throws IOException {
		byte[] single = new byte[1];
		return (read(single, 0, 1) < 0) ? -1 : Byte.toUnsignedInt(single[0]);
	}

	@Override
	public int read(byte[] buffer, int offset, int length) throws IOException {
		checkSize();
		// If the server closes the connection, the JDK reads beyond the length.
		long left = (this.length >= 0) ? this.length - this.count : length;
		int read = (left > 0) ? this.content.read(buffer, offset, (int) Math.min(length, left)) : -1;
		checkTime();
		if (read < 0) {
			end();
			return read;
		}
		this.count += read;
		checkSize();
		if (this.count > MAX_SIZE_AT_ONCE) {
			awaitTurn();
		}
		return read;
	}

	private void end() throws EOFException {
		this.ended = true;
		if (this.count < this.length) {
			throw new EOFException("the answer ends after " + this.count + " of " + this.length + " bytes");
		}
	}

	private void checkSize() throws IOException {
		if (isTooLarge()) {
			throw new IOException("the answer is too large");
		}
	}

	private void checkTime() throws SocketTimeoutException {
		if (this.deadline.hasPassed()) {
			throw new SocketTimeoutException();
		}
	}

	private void awaitTurn() throws IOException {
		try {
			if (!this.hasTurn) {
				checkTime();
				this.hasTurn = this.largeBodies.tryAcquire(this.deadline.nanosLeft(), TimeUnit.NANOSECONDS);
				checkTime();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new InterruptedIOException();
		}
	}

	@Override
	public void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		try {
			if (!this.ended) {
				// The JDK reads everything that has arrived when it closes the content.
				awaitTurn();
			}
		}
		catch (IOException ex) {
			// Without a turn, it is closed all the same.
		}
		closeContent();
		if (this.hasTurn) {
			this.largeBodies.release();
		}
	}

	private void closeContent() {
		try {
			this.content.close();
		}
		catch (IOException ex) {
			// Everything that is needed has been read.
		}
	}

}
