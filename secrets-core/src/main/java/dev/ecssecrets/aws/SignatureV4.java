// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * AWS Signature Version 4 for a {@code POST} to the root of a service's endpoint, as
 * defined in the IAM User Guide ("Create a signed AWS API request").
 */
final class SignatureV4 {

	static final String ALGORITHM = "AWS4-HMAC-SHA256";

	private SignatureV4() {
	}

	/**
	 * Signs a request.
	 * @param endpoint the endpoint of the service
	 * @param headers the headers by their names in lower case; all of them are signed
	 * @param body the body
	 * @param region the region of the service
	 * @param service the name of the service, such as {@code ssm}
	 * @param credentials the credentials to sign with
	 * @param time the time of the request
	 * @return the headers to send, except for the host, which the client sends by itself
	 */
	static Map<String, String> sign(URI endpoint, Map<String, String> headers, byte[] body, String region,
			String service, AwsCredentials credentials, Instant time) {
		String timestamp = time.truncatedTo(ChronoUnit.SECONDS).toString().replace("-", "").replace(":", "");
		SortedMap<String, String> signed = new TreeMap<>(headers);
		signed.put("host", host(endpoint));
		signed.put("x-amz-content-sha256", hash(body));
		signed.put("x-amz-date", timestamp);
		if (credentials.sessionToken() != null) {
			signed.put("x-amz-security-token", credentials.sessionToken());
		}
		String names = String.join(";", signed.keySet());
		StringBuilder canonical = new StringBuilder("POST\n/\n\n");
		for (Map.Entry<String, String> header : signed.entrySet()) {
			canonical.append(header.getKey()).append(':').append(header.getValue()).append('\n');
		}
		canonical.append('\n').append(names).append('\n').append(signed.get("x-amz-content-sha256"));
		List<String> scope = List.of(timestamp.substring(0, 8), region, service, "aws4_request");
		String toSign = String.join("\n", ALGORITHM, timestamp, String.join("/", scope),
				hash(bytes(canonical.toString())));
		byte[] key = bytes("AWS4" + credentials.secretAccessKey());
		for (String part : scope) {
			key = hmac(key, part);
		}
		signed.remove("host");
		signed.put("authorization",
				ALGORITHM + " Credential=" + credentials.accessKeyId() + "/" + String.join("/", scope)
						+ ", SignedHeaders=" + names + ", Signature=" + HexFormat.of().formatHex(hmac(key, toSign)));
		return signed;
	}

	/**
	 * Returns the host as the JDK sends it: with the port, unless it is the default port
	 * of the scheme.
	 */
	private static String host(URI endpoint) {
		int standard = "https".equalsIgnoreCase(endpoint.getScheme()) ? 443 : 80;
		boolean plain = endpoint.getPort() == -1 || endpoint.getPort() == standard;
		return plain ? endpoint.getHost() : endpoint.getHost() + ":" + endpoint.getPort();
	}

	private static String hash(byte[] content) {
		try {
			return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("every JVM has SHA-256", ex);
		}
	}

	private static byte[] hmac(byte[] key, String content) {
		try {
			Mac mac = Mac.getInstance("HmacSHA256");
			mac.init(new SecretKeySpec(key, mac.getAlgorithm()));
			return mac.doFinal(bytes(content));
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("every JVM has HmacSHA256", ex);
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
