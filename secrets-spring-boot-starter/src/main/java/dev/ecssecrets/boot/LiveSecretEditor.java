// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.beans.PropertyEditorSupport;

/**
 * Says why a text cannot become a {@link LiveSecret}. Spring finds it by its name
 * wherever no converter does: in a {@code Binder} of the application, for an element of a
 * list in one text, or where the application has a conversion service of its own.
 */
final class LiveSecretEditor extends PropertyEditorSupport {

	@Override
	public void setAsText(String text) {
		throw new LiveSecretConversionException();
	}

}
