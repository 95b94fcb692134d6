// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Reader of all answers of one fetch, for the direct client and the SDK's clients alike.
 * It enforces the limits of size, time and memory, and masks credentials that an answer
 * repeats.
 */
final class AnswerReader {

	private static final int MAX_SIZE = 4 * 1024 * 1024;

	private static final int MAX_SIZE_OF_ERROR = 64 * 1024;

	private final CredentialMask mask;

	private final Semaphore largeBodies = new Semaphore(1);

	AnswerReader(Supplier<AwsCredentials> credentials) {
		this.mask = new CredentialMask(credentials);
	}

	/**
	 * Reads an answer and closes its body.
	 * @param status the HTTP status
	 * @param header finds the value of a header
	 * @param content the body, or {@code null} if there is none
	 * @param deadline the end of the call
	 * @return the answer, not necessarily from the service itself
	 * @throws IOException if the answer is incomplete or the deadline has passed
	 */
	AwsAnswer read(int status, Function<String, @Nullable String> header, @Nullable InputStream content,
			Deadline deadline) throws IOException {
		Map<String, @Nullable Object> members = null;
		String fault = "no JSON object";
		AnswerBody body = new AnswerBody((content != null) ? content : InputStream.nullInputStream(),
				(content != null) ? length(header) : 0, (status == 200) ? MAX_SIZE : MAX_SIZE_OF_ERROR, deadline,
				this.largeBodies);
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
			fault = "the body is larger than " + ((status == 200) ? "4 MB" : "64 KB");
		}
		return new AwsAnswer(status, (name) -> this.mask.mask(header.apply(name)), members, fault, this.mask::mask);
	}

	/**
	 * Returns the length that an answer declares, or -1 if it declares none.
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

}
