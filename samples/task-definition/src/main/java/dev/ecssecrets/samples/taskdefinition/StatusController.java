// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.taskdefinition;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class StatusController {

	private final ShopProperties shop;

	StatusController(ShopProperties shop) {
		this.shop = shop;
	}

	/**
	 * Answers the health check of the task definition. A user name may be shown, the
	 * other secrets may not.
	 */
	@GetMapping("/")
	Status status() {
		return new Status("up", this.shop.database().username());
	}

	record Status(String status, String databaseUser) {

	}

}
