// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.benchmarks.size;

import java.lang.management.ManagementFactory;

import com.sun.management.OperatingSystemMXBean;
import dev.ecssecrets.boot.Secrets;

import org.springframework.context.ApplicationContext;

/**
 * Measurement of refreshes, which prints the milliseconds of each: of the clock, and of
 * the CPU for the whole process. Apart from the application, as it needs this library.
 */
final class Refreshes {

	private Refreshes() {
	}

	static void measure(ApplicationContext context, int count) {
		OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
		Secrets secrets = context.getBean(Secrets.class);
		for (int i = 0; i < count; i++) {
			long cpu = system.getProcessCpuTime();
			long start = System.nanoTime();
			secrets.refresh();
			System.out.println(
					"refresh " + millis(System.nanoTime() - start) + " " + millis(system.getProcessCpuTime() - cpu));
		}
	}

	private static double millis(long nanos) {
		return nanos / 1e6;
	}

}
