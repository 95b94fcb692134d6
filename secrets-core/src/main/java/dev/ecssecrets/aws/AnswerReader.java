package dev.ecssecrets.aws;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Reader of all answers of one fetch, the same for both ways of calling. It keeps the
 * limits of size, time and memory, and hides the credentials that an answer repeats.
 */
final class AnswerReader {

	private static final int KILOBYTE = 1024;

	private static final int MAX_SIZE = 4096 * KILOBYTE;

	private static final int MAX_SIZE_OF_ERROR = 64 * KILOBYTE;

	// Up to here an answer is read at any time, and from here on one after the other.
	private static final int MAX_SIZE_AT_ONCE = 64 * KILOBYTE;

	// Shorter texts are in a message by chance.
	private static final int MIN_CREDENTIAL = 8;

	private static final int SIGNATURE = 64;

	private static final String MASK = "******";

	private final Supplier<AwsCredentials> credentials;

	private final Semaphore large = new Semaphore(1);

	AnswerReader(Supplier<AwsCredentials> credentials) {
		this.credentials = credentials;
	}

	/**
	 * Reads an answer, and closes its body.
	 * @param status the HTTP status
	 * @param header finds the value of a header
	 * @param content the body, if there is one
	 * @param deadline the end of the call
	 * @return the answer, which may be one of the service or not
	 * @throws IOException if the answer breaks off, or the time is over
	 */
	AwsAnswer read(int status, Function<String, @Nullable String> header, @Nullable InputStream content,
			Deadline deadline) throws IOException {
		Map<String, @Nullable Object> members = null;
		String fault = "no JSON object";
		Body body = new Body((content != null) ? content : InputStream.nullInputStream(),
				(content != null) ? length(header) : 0, (status == 200) ? MAX_SIZE : MAX_SIZE_OF_ERROR, deadline);
		try (body) {
			members = AwsJson.tryParse(body);
		}
		catch (CharacterCodingException ex) {
			fault = "the body is not UTF-8";
		}
		catch (IOException ex) {
			if (!body.isTooLarge()) {
				throw ex;
			}
			fault = "the body is larger than " + body.maxSize();
		}
		return new AwsAnswer(status, (name) -> mask(header.apply(name)), members, fault, this::mask);
	}

	/**
	 * Returns how a call fails that has no answer.
	 * @param ex what the call failed with
	 * @param deadline the end of the call
	 * @return the failure, which is a timeout from the end of the call on
	 */
	static SdkException failure(Exception ex, Deadline deadline) {
		if (deadline.hasPassed()) {
			return ApiCallTimeoutException.builder().message("The time is over").build();
		}
		return (ex instanceof SdkException failure) ? failure : SdkClientException.create("No answer", ex);
	}

	/**
	 * Returns the length that an answer declares of its body, or -1 if it declares none.
	 */
	private static long length(Function<String, @Nullable String> header) {
		String length = header.apply("Content-Length");
		if (length == null || header.apply("Transfer-Encoding") != null) {
			return -1;
		}
		try {
			return Math.max(Long.parseLong(length), -1);
		}
		catch (NumberFormatException ex) {
			return -1;
		}
	}

	/**
	 * Hides the credentials in a text, and all that follows where it quotes the signature
	 * or what was signed.
	 */
	private @Nullable String mask(@Nullable String text) {
		if (text == null) {
			return null;
		}
		AwsCredentials credentials = this.credentials.get();
		String masked = mask(text, credentials.secretAccessKey());
		if (credentials instanceof AwsSessionCredentials session) {
			masked = mask(masked, session.sessionToken());
		}
		int signed = masked.indexOf(SignatureV4.ALGORITHM);
		return maskSignatures((signed >= 0) ? masked.substring(0, signed) + MASK : masked);
	}

	private static String mask(String text, String credential) {
		return (credential.length() >= MIN_CREDENTIAL) ? text.replace(credential, MASK) : text;
	}

	private static String maskSignatures(String text) {
		StringBuilder masked = new StringBuilder();
		int digits = 0;
		for (int i = 0; i <= text.length(); i++) {
			if (i < text.length() && Character.digit(text.charAt(i), 16) >= 0) {
				digits++;
				continue;
			}
			masked.append((digits >= SIGNATURE) ? MASK : text.substring(i - digits, i));
			digits = 0;
			if (i < text.length()) {
				masked.append(text.charAt(i));
			}
		}
		return masked.toString();
	}

	/**
	 * Body of an answer, which ends with an {@link IOException} where it goes beyond a
	 * limit.
	 */
	private final class Body extends InputStream {

		private final InputStream content;

		private final long length;

		private final int limit;

		private final Deadline deadline;

		private long count;

		private boolean hasTurn;

		private boolean ended;

		private boolean closed;

		Body(InputStream content, long length, int limit, Deadline deadline) {
			this.content = content;
			this.length = length;
			this.limit = limit;
			this.deadline = deadline;
		}

		boolean isTooLarge() {
			return Math.max(this.length, this.count) > this.limit;
		}

		String maxSize() {
			return (this.limit == MAX_SIZE) ? "4 MB" : "64 KB";
		}

		@Override
		public int read() throws IOException {
			byte[] single = new byte[1];
			return (read(single, 0, 1) < 0) ? -1 : Byte.toUnsignedInt(single[0]);
		}

		@Override
		public int read(byte[] buffer, int offset, int length) throws IOException {
			checkSize();
			// Where a server closes the connection, the JDK reads beyond the length.
			long left = (this.length >= 0) ? this.length - this.count : length;
			int read = (left > 0) ? this.content.read(buffer, offset, (int) Math.min(length, left)) : -1;
			checkTime();
			if (read < 0) {
				this.ended = true;
				if (this.count < this.length) {
					throw new EOFException("the answer ends after " + this.count + " of " + this.length + " bytes");
				}
				return read;
			}
			this.count += read;
			checkSize();
			if (this.count > MAX_SIZE_AT_ONCE) {
				awaitTurn();
			}
			return read;
		}

		private void checkSize() throws IOException {
			if (isTooLarge()) {
				throw new IOException("the answer is too large");
			}
		}

		private void awaitTurn() throws IOException {
			try {
				if (!this.hasTurn) {
					this.hasTurn = AnswerReader.this.large.tryAcquire(checkTime(), TimeUnit.NANOSECONDS);
					checkTime();
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new InterruptedIOException();
			}
		}

		/**
		 * Returns the nanoseconds that are left.
		 * @throws SocketTimeoutException if there are none
		 */
		private long checkTime() throws SocketTimeoutException {
			long left = this.deadline.nanosLeft();
			if (left <= 0) {
				throw new SocketTimeoutException();
			}
			return left;
		}

		@Override
		public void close() {
			if (this.closed) {
				return;
			}
			this.closed = true;
			try {
				if (!this.ended) {
					// To close it, the JDK reads all that has arrived.
					awaitTurn();
				}
			}
			catch (IOException ex) {
				// It is closed out of turn.
			}
			try {
				this.content.close();
			}
			catch (IOException ex) {
				// All that counts has been read.
			}
			if (this.hasTurn) {
				AnswerReader.this.large.release();
			}
		}

	}

}
