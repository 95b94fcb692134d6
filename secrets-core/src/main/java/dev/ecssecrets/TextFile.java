// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

import org.jspecify.annotations.Nullable;

/**
 * Text of a local file or class path resource: UTF-8, with or without a byte order mark,
 * of at most 4 MB.
 */
final class TextFile {

	static final int MAX_BYTES = 4 * 1024 * 1024;

	private TextFile() {
	}

	/**
	 * Reads a file. Symbolic links are followed. Pipes, devices, directories and
	 * addresses of other hosts are not opened, because that could block.
	 * @param file the address of the file
	 * @return the text, without a byte order mark
	 * @throws UnreadableException if the file cannot be read, is not UTF-8, or is too
	 * large
	 */
	static String read(URL file) {
		try {
			checkLocal(file);
			try (InputStream in = open(file)) {
				return decode(in.readNBytes(MAX_BYTES + 1));
			}
		}
		catch (NoSuchFileException ex) {
			boolean link = Files.isSymbolicLink(Path.of(ex.getFile()));
			throw new UnreadableException(link ? "is a symbolic link to a file that does not exist" : "does not exist");
		}
		catch (IOException | IllegalArgumentException ex) {
			throw new UnreadableException("cannot be read: " + ex);
		}
	}

	/**
	 * Decodes the content of a file.
	 * @param bytes the content
	 * @return the text, without a byte order mark
	 * @throws UnreadableException if the content is not UTF-8, or too large
	 */
	static String decode(byte[] bytes) {
		if (bytes.length > MAX_BYTES) {
			throw tooLarge();
		}
		String encoding = otherEncoding(bytes);
		if (encoding != null) {
			throw new UnreadableException("is " + encoding + "; save it as UTF-8");
		}
		CharBuffer text = CharBuffer.allocate(bytes.length);
		// A decoder reports malformed input, which a String would replace.
		boolean malformed = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes), text, true).isError();
		String decoded = withoutMark(text.flip().toString());
		if (malformed) {
			throw new UnreadableException(
					"is not UTF-8 (" + TextPosition.of(decoded, decoded.length()) + "); save it as UTF-8");
		}
		return decoded;
	}

	/**
	 * Removes the byte order mark from the beginning of a text, if there is one.
	 */
	static String withoutMark(String text) {
		return text.startsWith("\ufeff") ? text.substring(1) : text;
	}

	/**
	 * Returns the name of a file for messages. The address of another host is left out,
	 * because it may contain credentials.
	 */
	static String name(URL file) {
		return isRemote(innermost(file)) ? "the location" : file.toString();
	}

	/**
	 * Recognizes other encodings by their byte order marks, or by the NUL bytes in the
	 * two ASCII characters at the beginning of every JSON text.
	 */
	private static @Nullable String otherEncoding(byte[] bytes) {
		StringBuilder start = new StringBuilder();
		for (int i = 0; i < Math.min(bytes.length, 4); i++) {
			start.append(
					(bytes[i] == 0) ? "0" : (bytes[i] == (byte) 0xfe) ? "E" : (bytes[i] == (byte) 0xff) ? "F" : "x");
		}
		return switch (start.toString()) {
			case "FE00", "00EF", "x000", "000x" -> "UTF-32";
			case "x0", "0x", "x0x0", "0x0x" -> "UTF-16";
			default -> (start.indexOf("FE") == 0 || start.indexOf("EF") == 0) ? "UTF-16" : null;
		};
	}

	private static void checkLocal(URL file) throws IOException {
		URL innermost = innermost(file);
		if (isRemote(innermost)) {
			throw new UnreadableException("is on another host (" + innermost.getProtocol()
					+ "); only local files and class path resources are read");
		}
		if (isFile(innermost)) {
			checkRegular(innermost, isFile(file));
		}
	}

	private static void checkRegular(URL file, boolean checkSize) throws IOException {
		BasicFileAttributes attributes = Files.readAttributes(path(file), BasicFileAttributes.class);
		if (attributes.isDirectory()) {
			throw new UnreadableException("is a directory");
		}
		if (!attributes.isRegularFile()) {
			throw new UnreadableException("is a pipe, a socket or a device; only regular files are read");
		}
		if (checkSize && attributes.size() > MAX_BYTES) {
			throw tooLarge();
		}
	}

	private static InputStream open(URL file) throws IOException {
		if (isFile(file)) {
			return Files.newInputStream(path(file));
		}
		URLConnection connection = file.openConnection();
		// A cached connection would keep the archive open.
		connection.setUseCaches(false);
		return connection.getInputStream();
	}

	/**
	 * Returns the archive that contains a file, or the file itself if it is in none.
	 */
	private static URL innermost(URL file) {
		int end = file.getPath().lastIndexOf("!/");
		if (!file.getProtocol().equals("jar") || end < 0) {
			return file;
		}
		try {
			return innermost(new URL(file.getPath().substring(0, end)));
		}
		catch (MalformedURLException ex) {
			return file;
		}
	}

	private static boolean isRemote(URL url) {
		String host = url.getHost();
		return switch (url.getProtocol()) {
			case "http", "https", "ftp" -> true;
			case "file" -> host != null && !host.isEmpty() && !host.equalsIgnoreCase("localhost");
			default -> false;
		};
	}

	private static boolean isFile(URL url) {
		return url.getProtocol().equals("file");
	}

	private static Path path(URL file) {
		try {
			// The host allows any beginning of the path.
			String path = new URI("file://localhost/" + file.getPath()).getPath();
			return new File(path.substring(1)).toPath();
		}
		catch (URISyntaxException ex) {
			// The address has unescaped characters, such as a space.
			return new File(file.getPath()).toPath();
		}
	}

	private static UnreadableException tooLarge() {
		return new UnreadableException("is larger than " + MAX_BYTES / 1024 / 1024 + " MB");
	}

	/**
	 * Thrown for a file that cannot be read. The message is a predicate ("is a
	 * directory") and never quotes the content.
	 */
	static final class UnreadableException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		UnreadableException(String message) {
			super(message);
		}

	}

}
