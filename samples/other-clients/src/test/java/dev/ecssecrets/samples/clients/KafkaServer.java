// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.List;

import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.RequestUtils;

/**
 * The part of Kafka that handles logins.
 */
class KafkaServer extends LoginServer {

	KafkaServer() throws IOException {
	}

	@Override
	void serve(DataInputStream in, DataOutputStream out) throws IOException {
		boolean refused = false;
		while (!refused) {
			ByteBuffer request = ByteBuffer.wrap(in.readNBytes(in.readInt()));
			RequestHeader header = RequestHeader.parse(request);
			ApiMessage response = switch (header.apiKey()) {
				case API_VERSIONS -> new ApiVersionsResponseData()
					.setApiKeys(versions(ApiKeys.API_VERSIONS, ApiKeys.SASL_HANDSHAKE, ApiKeys.SASL_AUTHENTICATE));
				case SASL_HANDSHAKE -> new SaslHandshakeResponseData().setMechanisms(List.of("PLAIN"));
				default -> refuse(request, header);
			};
			ByteBuffer bytes = RequestUtils.serialize(header.toResponseHeader().data(),
					header.toResponseHeader().headerVersion(), response, header.apiVersion());
			out.writeInt(bytes.remaining());
			Channels.newChannel(out).write(bytes);
			out.flush();
			refused = header.apiKey() == ApiKeys.SASL_AUTHENTICATE;
		}
	}

	private ApiMessage refuse(ByteBuffer request, RequestHeader header) {
		record(new SaslAuthenticateRequestData(new ByteBufferAccessor(request), header.apiVersion()).authBytes());
		return new SaslAuthenticateResponseData().setErrorCode(Errors.SASL_AUTHENTICATION_FAILED.code())
			.setErrorMessage("refused");
	}

	private static ApiVersionsResponseData.ApiVersionCollection versions(ApiKeys... keys) {
		ApiVersionsResponseData.ApiVersionCollection versions = new ApiVersionsResponseData.ApiVersionCollection();
		for (ApiKeys key : keys) {
			versions.add(new ApiVersionsResponseData.ApiVersion().setApiKey(key.id)
				.setMinVersion(key.oldestVersion())
				.setMaxVersion(key.latestVersion()));
		}
		return versions;
	}

}
