// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.ecssecrets.SecretValue;
import dev.ecssecrets.aws.AwsApi.FoundParameter;
import dev.ecssecrets.aws.AwsApi.FoundParameters;
import dev.ecssecrets.aws.AwsApi.FoundSecret;
import org.jspecify.annotations.Nullable;

/**
 * Answer to a call by the direct client or the SDK's clients. An answer that does not
 * come from the service itself is described by its status and content type, never by its
 * body.
 */
final class AwsAnswer {

	private static final int MAX_PLAIN = 128;

	private final int status;

	private final String contentType;

	private final @Nullable String requestId;

	private final @Nullable String date;

	private final @Nullable Map<String, @Nullable Object> members;

	private final String fault;

	private final @Nullable String code;

	private final @Nullable String message;

	/**
	 * Creates an answer.
	 * @param status the HTTP status
	 * @param header finds the value of a header
	 * @param members the members of the body, or {@code null} if it is not a JSON object
	 * @param fault the fault of the body, if it is not a JSON object
	 * @param mask masks credentials in a text
	 */
	AwsAnswer(int status, Function<String, @Nullable String> header, @Nullable Map<String, @Nullable Object> members,
			String fault, Function<@Nullable String, @Nullable String> mask) {
		this.status = status;
		this.contentType = mediaType(header.apply("Content-Type"));
		this.requestId = plain(header.apply("x-amzn-RequestId"));
		this.date = header.apply("Date");
		this.members = members;
		this.fault = fault;
		if (members == null || status == 200) {
			this.code = null;
			this.message = null;
		}
		else {
			String code = code(header.apply("x-amzn-ErrorType"));
			this.code = (code != null) ? code : code(mask.apply(firstText(members, "__type")));
			this.message = mask.apply(firstText(members, "message", "Message"));
		}
	}

	/**
	 * Returns the answer to {@code GetParameters}.
	 * @throws AwsException if this is another answer
	 */
	FoundParameters parameters() {
		Map<?, ?> answer = result();
		if (answer.get("Parameters") == null) {
			throw refused("no \"Parameters\"");
		}
		List<FoundParameter> found = new ArrayList<>();
		for (Object element : list(answer, "Parameters")) {
			if (!(element instanceof Map<?, ?> parameter)) {
				throw refused("a parameter that is not an object");
			}
			found.add(new FoundParameter(text(parameter, "Name"), text(parameter, "ARN"), secret(parameter, "Value"),
					integer(parameter, "Version")));
		}
		return new FoundParameters(found, texts(answer, "InvalidParameters"));
	}

	/**
	 * Returns the answer to {@code GetSecretValue}.
	 * @throws AwsException if this is another answer
	 */
	FoundSecret secret() {
		Map<?, ?> answer = result();
		SecretValue text = secret(answer, "SecretString");
		boolean binary = text(answer, "SecretBinary") != null;
		if (text == null && !binary) {
			throw refused("no secret");
		}
		return new FoundSecret(text(answer, "ARN"), text, text(answer, "VersionId"), texts(answer, "VersionStages"));
	}

	/**
	 * Returns this answer as a failure.
	 */
	private AwsException failure() {
		return (this.code != null) ? new AwsException(error())
				: refused((this.members != null) ? "without an AWS error code" : this.fault);
	}

	private ErrorAnswer error() {
		return new ErrorAnswer(this.status, this.code, this.message, this.requestId, this.date);
	}

	/**
	 * Returns whether the service has refused the time of the request.
	 * @param clockSkew the correction of the time of the request
	 */
	boolean isClockSkew(Duration clockSkew) {
		return this.code != null && error().isClockSkew(Instant.now().minus(clockSkew));
	}

	/**
	 * Returns a body for the SDK. It contains only what the SDK needs to detect success,
	 * or a failure because of the clock.
	 */
	String forSdk() {
		return (this.code != null) ? "{\"__type\":" + AwsJson.quote(this.code) + "}" : "{}";
	}

	private AwsException refused(String what) {
		return new AwsException(new ErrorAnswer(this.status, null,
				"HTTP " + this.status + ", " + this.contentType + ", " + what, null, null));
	}

	private Map<?, ?> result() {
		if (this.status != 200 || this.members == null) {
			throw failure();
		}
		return this.members;
	}

	private @Nullable String text(Map<?, ?> object, String name) {
		return member(object, name, String.class);
	}

	private @Nullable SecretValue secret(Map<?, ?> object, String name) {
		String text = text(object, name);
		return (text != null) ? SecretValue.of(text) : null;
	}

	private @Nullable String integer(Map<?, ?> object, String name) {
		Number integer = member(object, name, Number.class);
		return (integer != null) ? integer.toString() : null;
	}

	private List<?> list(Map<?, ?> object, String name) {
		List<?> list = member(object, name, List.class);
		return (list != null) ? list : List.of();
	}

	private List<String> texts(Map<?, ?> object, String name) {
		List<String> texts = new ArrayList<>();
		for (Object element : list(object, name)) {
			if (!(element instanceof String text)) {
				throw refused("\"" + name + "\" of the wrong type");
			}
			texts.add(text);
		}
		return texts;
	}

	/**
	 * Returns a member of an object. Unlike the SDK, which accepts a number for a string,
	 * this method accepts only the type that the service uses.
	 */
	private <T> @Nullable T member(Map<?, ?> object, String name, Class<T> type) {
		Object value = object.get(name);
		if (value != null && !type.isInstance(value)) {
			throw refused("\"" + name + "\" of the wrong type");
		}
		return type.cast(value);
	}

	/**
	 * Returns the code of {@code com.amazonaws.ssm#Code:http://…}.
	 */
	private static @Nullable String code(@Nullable String type) {
		if (type == null) {
			return null;
		}
		int end = type.indexOf(':');
		String qualified = (end >= 0) ? type.substring(0, end) : type;
		return plain(qualified.substring(qualified.lastIndexOf('#') + 1));
	}

	private static @Nullable String firstText(Map<?, ?> members, String... names) {
		return Stream.of(names)
			.map(members::get)
			.filter(String.class::isInstance)
			.map(String.class::cast)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Returns the media type of a content type, without parameters.
	 */
	private static String mediaType(@Nullable String contentType) {
		if (contentType == null || contentType.isBlank()) {
			return "no content type";
		}
		int end = contentType.indexOf(';');
		String type = plain(((end >= 0) ? contentType.substring(0, end) : contentType).trim());
		return (type != null) ? type : "an invalid content type";
	}

	/**
	 * Returns a text if it looks like an error code, a request ID or a media type, else
	 * {@code null}.
	 */
	private static @Nullable String plain(@Nullable String text) {
		return (text != null && !text.isEmpty() && text.length() <= MAX_PLAIN && isPlain(text)) ? text : null;
	}

	private static boolean isPlain(String text) {
		for (int i = 0; i < text.length(); i++) {
			char character = text.charAt(i);
			if ((character < 'a' || character > 'z') && (character < 'A' || character > 'Z')
					&& (character < '0' || character > '9') && "-._+/".indexOf(character) < 0) {
				return false;
			}
		}
		return true;
	}

}
