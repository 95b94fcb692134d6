// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.SQLException;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Database server that refuses each login with the same error, in the protocol of its
 * kind.
 */
final class RefusingServer implements AutoCloseable {

	private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());

	private final Protocol protocol;

	private RefusingServer(Protocol protocol) throws IOException {
		this.protocol = protocol;
		Thread thread = new Thread(this::run, "refusing-server");
		thread.setDaemon(true);
		thread.start();
	}

	/**
	 * Refuses the startup message of a client.
	 */
	static RefusingServer postgreSql(String state) throws IOException {
		return new RefusingServer((in, out) -> {
			in.readNBytes(in.readInt() - Integer.BYTES);
			byte[] fields = ascii("SFATAL\0VFATAL\0C" + state + "\0Mrefused\0\0");
			out.writeByte('E');
			out.writeInt(Integer.BYTES + fields.length);
			out.write(fields);
		});
	}

	/**
	 * Refuses the response to a greeting.
	 */
	static RefusingServer mySql(String version, int code, String state) throws IOException {
		return new RefusingServer((in, out) -> {
			writeMySqlPacket(out, 0, mySqlGreeting(version));
			int header = Integer.reverseBytes(in.readInt());
			in.readNBytes(header & 0xFFFFFF);
			writeMySqlPacket(out, (header >>> 24) + 1, mySqlError(code, "#" + state + "refused"));
		});
	}

	/**
	 * Refuses the host of a client before any greeting, and so without an SQLState.
	 */
	static RefusingServer mySqlWithoutGreeting(int code) throws IOException {
		return new RefusingServer((in, out) -> writeMySqlPacket(out, 0, mySqlError(code, "refused")));
	}

	/**
	 * Refuses a login after it has refused encryption.
	 */
	static RefusingServer sqlServer(int... codes) throws IOException {
		return new RefusingServer((in, out) -> {
			readTdsMessage(in);
			// The version at offset 11, the encryption at 17.
			writeTdsMessage(out, new byte[] { 0, 0, 11, 0, 6, 1, 0, 17, 0, 1, -1, 16, 0, 0, 0, 0, 0, 2 });
			readTdsMessage(in);
			ByteArrayOutputStream tokens = new ByteArrayOutputStream();
			for (int code : codes) {
				tokens.writeBytes(tdsError(code));
			}
			tokens.writeBytes(new byte[] { (byte) 0xFD, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 });
			writeTdsMessage(out, tokens.toByteArray());
		});
	}

	/**
	 * Logs in.
	 * @param url with {@code %d} in place of the port
	 * @return how the driver reports that the login was refused
	 */
	SQLException login(String url) {
		return catchThrowableOfType(SQLException.class,
				() -> DriverManager.getConnection(url.formatted(this.socket.getLocalPort()), "user", "password"));
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

	private void run() {
		while (!this.socket.isClosed()) {
			try (Socket client = this.socket.accept()) {
				DataOutputStream out = new DataOutputStream(client.getOutputStream());
				this.protocol.refuse(new DataInputStream(client.getInputStream()), out);
				client.shutdownOutput();
				// Until the client has read all, and closes.
				client.getInputStream().readAllBytes();
			}
			catch (IOException ex) {
				if (!this.socket.isClosed()) {
					throw new UncheckedIOException(ex);
				}
			}
		}
	}

	private static byte[] mySqlGreeting(String version) {
		byte[] name = ascii(version + "\0");
		// Protocol 4.1, connection with a database, plugins for authentication.
		int capabilities = 0x88208;
		return littleEndian(128).put((byte) 10)
			.put(name)
			.putInt(1)
			.put(ascii("12345678\0"))
			.putShort((short) capabilities)
			.put((byte) 45)
			.putShort((short) 2)
			.putShort((short) (capabilities >>> 16))
			.put((byte) 21)
			.put(new byte[10])
			.put(ascii("123456789012\0mysql_native_password\0"))
			.array();
	}

	private static byte[] mySqlError(int code, String message) {
		byte[] text = ascii(message);
		return littleEndian(3 + text.length).put((byte) 0xFF).putShort((short) code).put(text).array();
	}

	private static void writeMySqlPacket(DataOutputStream out, int sequence, byte[] payload) throws IOException {
		out.writeInt(Integer.reverseBytes(payload.length | sequence << 24));
		out.write(payload);
	}

	private static byte[] tdsError(int code) {
		byte[] message = "refused".getBytes(StandardCharsets.UTF_16LE);
		int length = Integer.BYTES + 2 + Short.BYTES + message.length + 2 + Integer.BYTES;
		return littleEndian(3 + length).put((byte) 0xAA)
			.putShort((short) length)
			.putInt(code)
			// State and severity.
			.put(new byte[] { 1, 14 })
			.putShort((short) (message.length / 2))
			.put(message)
			// No server, no procedure, and no line.
			.put(new byte[2 + Integer.BYTES])
			.array();
	}

	private static void readTdsMessage(DataInputStream in) throws IOException {
		boolean last;
		do {
			byte[] header = in.readNBytes(8);
			last = (header[1] & 1) != 0;
			in.readNBytes(ByteBuffer.wrap(header).getShort(2) - header.length);
		}
		while (!last);
	}

	private static void writeTdsMessage(DataOutputStream out, byte[] payload) throws IOException {
		out.write(new byte[] { 4, 1 });
		out.writeShort(8 + payload.length);
		out.writeInt(0x100);
		out.write(payload);
	}

	private static ByteBuffer littleEndian(int length) {
		return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	@FunctionalInterface
	private interface Protocol {

		void refuse(DataInputStream in, DataOutputStream out) throws IOException;

	}

}
