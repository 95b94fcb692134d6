// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class VisitController {

	private final Visits visits;

	VisitController(Visits visits) {
		this.visits = visits;
	}

	@GetMapping("/")
	Visits.Summary visit() {
		this.visits.add();
		return this.visits.summary();
	}

}
