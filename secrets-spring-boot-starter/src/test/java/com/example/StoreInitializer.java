// SPDX-License-Identifier: Apache-2.0

package com.example;

import java.nio.file.Path;

import dev.ecssecrets.SecretStore;

import org.springframework.boot.bootstrap.BootstrapRegistry;
import org.springframework.boot.bootstrap.BootstrapRegistryInitializer;

/**
 * Gives an application a store of its own.
 */
final class StoreInitializer implements BootstrapRegistryInitializer {

	private final Path file;

	StoreInitializer(Path file) {
		this.file = file;
	}

	@Override
	public void initialize(BootstrapRegistry registry) {
		registry.register(SecretStore.class, (context) -> new PropertiesFileStore(this.file));
	}

}
