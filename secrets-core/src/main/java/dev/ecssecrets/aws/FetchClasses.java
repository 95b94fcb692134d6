// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Classes that a fetch uses: of this library, of its JSON parser, and of the JDK, such as
 * those of TLS.
 */
final class FetchClasses {

	/**
	 * The names of the classes, one in each line. Which classes of the JDK there are
	 * depends on its version.
	 */
	private static final String RESOURCE = "fetch-classes.txt";

	private FetchClasses() {
	}

	/**
	 * Loads the classes that there are, and initializes none.
	 */
	static void load() {
		try (InputStream names = FetchClasses.class.getResourceAsStream(RESOURCE)) {
			if (names != null) {
				new String(names.readAllBytes(), StandardCharsets.US_ASCII).lines().forEach(FetchClasses::load);
			}
		}
		catch (IOException ex) {
			// They are loaded later, one by one.
		}
	}

	private static void load(String name) {
		try {
			Class.forName(name, false, FetchClasses.class.getClassLoader());
		}
		catch (ClassNotFoundException | LinkageError ex) {
			// Another JDK, or a runtime image without the module.
		}
	}

}
