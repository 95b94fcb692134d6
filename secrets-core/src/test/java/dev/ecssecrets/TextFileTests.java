// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

import dev.ecssecrets.TextFile.UnreadableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TextFile}.
 */
class TextFileTests {

	private static final String TEXT = "{\n  \"k\": \"w\u00e4sshoi \ud83c\udfee\"\n}\n";

	@TempDir
	private Path folder;

	@Test
	void decodeWhenUtf8ReturnsText() {
		assertThat(TextFile.decode(TEXT.getBytes(StandardCharsets.UTF_8))).isEqualTo(TEXT);
	}

	@Test
	void decodeWhenByteOrderMarkSkipsOne() {
		assertThat(TextFile.decode(("\ufeff" + TEXT).getBytes(StandardCharsets.UTF_8))).isEqualTo(TEXT);
		assertThat(TextFile.decode("\ufeff\ufeff{}".getBytes(StandardCharsets.UTF_8))).isEqualTo("\ufeff{}");
		assertThat(TextFile.decode("\ufeff".getBytes(StandardCharsets.UTF_8))).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "UTF-16LE, UTF-16", "UTF-16BE, UTF-16", "UTF-32LE, UTF-32", "UTF-32BE, UTF-32" })
	void decodeWhenOtherUnicodeNamesIt(String charset, String name) {
		for (String text : new String[] { TEXT, "[]", "\ufeff" + TEXT, "\ufeff[]", "\ufeff" }) {
			assertThatExceptionOfType(UnreadableException.class)
				.isThrownBy(() -> TextFile.decode(text.getBytes(Charset.forName(charset))))
				.withMessage("is " + name + "; save it as UTF-8");
		}
	}

	@ParameterizedTest
	@CsvSource({ "ISO-8859-1, 2, 10", "windows-1252, 2, 10", "GB18030, 2, 10" })
	void decodeWhenNotUnicodeNamesPlaceOfFirstOtherByte(String charset, int line, int column) {
		assertThatExceptionOfType(UnreadableException.class)
			.isThrownBy(() -> TextFile.decode(TEXT.getBytes(Charset.forName(charset))))
			.withMessage("is not UTF-8 (line %d, column %d); save it as UTF-8", line, column);
	}

	@ParameterizedTest
	@ValueSource(strings = { "80", "c3", "c0af", "eda080", "f4908080", "e282" })
	void decodeWhenUtf8IsMalformedRefuses(String hex) {
		byte[] bytes = HexFormat.of().parseHex("efbbbf7b0a20" + hex);
		assertThatExceptionOfType(UnreadableException.class).isThrownBy(() -> TextFile.decode(bytes))
			.withMessage("is not UTF-8 (line 2, column 2); save it as UTF-8");
	}

	@Test
	void decodeWhenNulIsInTextLeavesIt() {
		assertThat(TextFile.decode(new byte[] { '{', '}', 0, '\n' })).isEqualTo("{}\0\n");
	}

	@Test
	void readWhenFourMegabytesReturnsThem() throws IOException {
		Path file = Files.write(this.folder.resolve("large"), " ".repeat(4 << 20).getBytes(StandardCharsets.UTF_8));
		assertThat(read(file)).hasSize(4 << 20);
	}

	@Test
	void readWhenLargerIsRefused() throws IOException {
		byte[] bytes = new byte[(4 << 20) + 1];
		Path file = Files.write(this.folder.resolve("large"), bytes);
		assertUnreadable(file.toUri().toURL(), "is larger than 4 MB");
		assertThatExceptionOfType(UnreadableException.class).isThrownBy(() -> TextFile.decode(bytes))
			.withMessage("is larger than 4 MB");
	}

	@Test
	void readWhenLargerInArchiveIsRefused() throws IOException {
		Path archive = archive("large.json", new byte[(4 << 20) + 1]);
		assertUnreadable(new URL("jar:" + archive.toUri() + "!/large.json"), "is larger than 4 MB");
	}

	static boolean hasDeviceZero() {
		return Files.exists(Path.of("/dev/zero"));
	}

	@Test
	void readWhenDirectoryIsRefused() throws IOException {
		assertUnreadable(this.folder.toUri().toURL(), "is a directory");
		assertUnreadable(new URL("jar:" + this.folder.toUri() + "!/x"), "is a directory");
	}

	@Test
	@EnabledIf("hasDeviceZero")
	void readWhenDeviceIsRefused() throws IOException {
		Path link = Files.createSymbolicLink(this.folder.resolve("link"), Path.of("/dev/zero"));
		for (String location : new String[] { "file:/dev/zero", link.toUri().toString(), "jar:file:/dev/zero!/x" }) {
			assertUnreadable(new URL(location), "is a pipe, a socket or a device; only regular files are read");
		}
	}

	@Test
	void readWhenSymbolicLinksLeadToFileFollowsThem() throws IOException {
		// Like Kubernetes mounts secrets and config maps.
		Path data = Files.createDirectory(this.folder.resolve("..2026_11_27"));
		Files.writeString(data.resolve("secrets.json"), TEXT);
		Files.createSymbolicLink(this.folder.resolve("..data"), Path.of("..2026_11_27"));
		Path file = Files.createSymbolicLink(this.folder.resolve("secrets.json"), Path.of("..data/secrets.json"));
		assertThat(read(file)).isEqualTo(TEXT);
	}

	@Test
	void readWhenSymbolicLinkIsBrokenReportsIt() throws IOException {
		Path link = Files.createSymbolicLink(this.folder.resolve("link"), Path.of("absent"));
		assertUnreadable(link.toUri().toURL(), "is a symbolic link to a file that does not exist");
	}

	@Test
	void readWhenAbsentReportsIt() throws IOException {
		URL absent = this.folder.resolve("absent").toUri().toURL();
		assertUnreadable(absent, "does not exist");
		assertUnreadable(new URL("jar:" + absent + "!/x"), "does not exist");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a b", "a%20b", "a+b", "a#b", "a?b", "%zz", "[a]" })
	void readWhenNameIsUnusualReadsFile(String name) throws IOException {
		Path file = Files.writeString(this.folder.resolve(name), TEXT);
		assertThat(read(file)).isEqualTo(TEXT);
	}

	@ParameterizedTest
	@ValueSource(strings = { "file:%s", "file://%s", "file://localhost%s", "FILE:%s" })
	void readWhenAddressHasOtherFormReadsFile(String form) throws IOException {
		Path file = Files.writeString(this.folder.resolve("a b [c].json"), TEXT);
		assertThat(TextFile.read(new URL(form.formatted(file)))).isEqualTo(TEXT);
	}

	@Test
	void readWhenPathIsRelativeReadsFile() throws IOException {
		assertThat(TextFile.read(new URL("file:pom.xml"))).isEqualTo(Files.readString(Path.of("pom.xml")));
	}

	@Test
	void readWhenPathIsImpossibleIsRefused() throws IOException {
		assertThatExceptionOfType(UnreadableException.class).isThrownBy(() -> TextFile.read(new URL("file:/a%00b")))
			.withMessageStartingWith("cannot be read: ");
	}

	@Test
	void readWhenInArchiveReadsItAgain() throws IOException {
		Path archive = archive("secrets.json", "old".getBytes(StandardCharsets.UTF_8));
		URL file = new URL("jar:" + archive.toUri() + "!/secrets.json");
		assertThat(TextFile.read(file)).isEqualTo("old");
		Files.delete(archive);
		archive("secrets.json", "new".getBytes(StandardCharsets.UTF_8));
		assertThat(TextFile.read(file)).isEqualTo("new");
	}

	@Test
	void readWhenNotInArchiveReportsIt() throws IOException {
		Path archive = archive("secrets.json", new byte[0]);
		assertThatExceptionOfType(UnreadableException.class)
			.isThrownBy(() -> TextFile.read(new URL("jar:" + archive.toUri() + "!/absent.json")))
			.withMessageStartingWith("cannot be read: ")
			.withMessageContaining("FileNotFoundException");
	}

	@ParameterizedTest
	@CsvSource({ "http://user:canary@localhost:1/x?canary, http", "https://localhost:1/x, https",
			"ftp://localhost:1/x, ftp", "HTTP://localhost:1/x, http", "jar:http://localhost:1/canary.jar!/x, http",
			"jar:https://localhost:1/x.jar!/a/x, https", "JAR:FTP://localhost:1/x.jar!/x, ftp",
			"file://other-host/x, file" })
	void readWhenOnAnotherHostIsRefusedWithoutItsAddress(String location, String protocol)
			throws MalformedURLException {
		URL url = new URL(location);
		assertUnreadable(url,
				"is on another host (" + protocol + "); only local files and class path resources are read");
		assertThat(TextFile.name(url)).isEqualTo("the location");
	}

	@ParameterizedTest
	@ValueSource(strings = { "file:/a/b.json", "jar:file:/a/b.jar!/c.json" })
	void nameWhenLocalIsAddress(String location) throws MalformedURLException {
		assertThat(TextFile.name(new URL(location))).isEqualTo(location);
	}

	private Path archive(String name, byte[] content) throws IOException {
		Path archive = this.folder.resolve("archive.jar");
		try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(archive))) {
			jar.putNextEntry(new JarEntry(name));
			jar.write(content);
		}
		return archive;
	}

	private static String read(Path file) throws MalformedURLException {
		return TextFile.read(file.toUri().toURL());
	}

	private static void assertUnreadable(URL file, String problem) {
		assertThatExceptionOfType(UnreadableException.class).isThrownBy(() -> TextFile.read(file)).withMessage(problem);
	}

}
