// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.LongStringHelper;

/**
 * The part of RabbitMQ that handles logins.
 */
class RabbitMqServer extends LoginServer {

	RabbitMqServer() throws IOException {
	}

	@Override
	void serve(DataInputStream in, DataOutputStream out) throws IOException {
		in.readNBytes("AMQP0091".length());
		LongString plain = LongStringHelper.asLongString("PLAIN");
		LongString english = LongStringHelper.asLongString("en_US");
		new AMQImpl.Connection.Start(0, 9, Map.of(), plain, english).toFrame(0).writeTo(out);
		out.flush();
		AMQImpl.Connection.StartOk login = (AMQImpl.Connection.StartOk) read(in);
		record(login.getResponse().getBytes());
		new AMQImpl.Connection.Close(AMQP.ACCESS_REFUSED, "ACCESS_REFUSED", 0, 0).toFrame(0).writeTo(out);
		out.flush();
		read(in);
	}

	private static Object read(DataInputStream in) throws IOException {
		return AMQImpl.readMethodFrom(Frame.readFrom(in, Integer.MAX_VALUE).getInputStream());
	}

}
