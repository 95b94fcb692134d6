// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.management.ManagementFactory;

import com.sun.management.HotSpotDiagnosticMXBean;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.SpringProperties;

/**
 * Training run: a start that ends when the application context is refreshed. From it, the
 * JVM makes an AOT cache, or an archive of classes, for faster starts.
 */
final class TrainingRun {

	/**
	 * What starts one.
	 */
	static final String OPTION = "-D" + DefaultLifecycleProcessor.EXIT_PROPERTY_NAME + "="
			+ DefaultLifecycleProcessor.ON_REFRESH_VALUE;

	private TrainingRun() {
	}

	/**
	 * Returns whether this start is one.
	 */
	static boolean isInProgress() {
		return DefaultLifecycleProcessor.ON_REFRESH_VALUE
			.equalsIgnoreCase(SpringProperties.getProperty(DefaultLifecycleProcessor.EXIT_PROPERTY_NAME));
	}

	/**
	 * Has a start with placeholders fail that goes on after the application context is
	 * refreshed. Spring ends the process before, unless the application has a lifecycle
	 * processor of its own.
	 */
	static void mustEnd(ConfigurableApplicationContext context) {
		context.addApplicationListener((event) -> {
			if (event instanceof ContextRefreshedEvent) {
				throw new IllegalStateException("Secrets have placeholders, but the process does not end, although "
						+ OPTION + " is set. Remove ecs-secrets.store, or set it to aws or file");
			}
		});
	}

	/**
	 * Returns the consequence of a start that has failed: none, unless the JVM records
	 * it.
	 */
	static String consequence() {
		return isRecorded()
				? "\n\nThe JVM records this start for an AOT cache or an archive of classes, which saves nothing"
						+ " after a start that has failed."
				: "";
	}

	/**
	 * Returns whether this start is one that the JVM records.
	 */
	static boolean isRecorded() {
		if (!isInProgress()) {
			return false;
		}
		try {
			HotSpotDiagnosticMXBean options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
			return !option(options, "AOTCacheOutput").isEmpty() || option(options, "AOTMode").equals("record")
					|| !option(options, "ArchiveClassesAtExit").isEmpty();
		}
		catch (LinkageError ex) {
			// A runtime image without the module jdk.management, or another JVM.
			return false;
		}
	}

	private static String option(HotSpotDiagnosticMXBean options, String name) {
		try {
			return options.getVMOption(name).getValue();
		}
		catch (IllegalArgumentException ex) {
			// An earlier JDK.
			return "";
		}
	}

}
