// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart.ops;

import java.time.Instant;
import java.util.Set;

import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.boot.Secrets;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Page that shows where the secrets come from and how old they are, and refreshes them.
 */
@Controller
@RequestMapping("/ops")
@Profile("ops")
class OpsController {

	private static final String NOTHING_BUT_STYLE = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
			+ " base-uri 'none'; frame-ancestors 'none'";

	private final Secrets secrets;

	OpsController(Secrets secrets) {
		this.secrets = secrets;
	}

	@GetMapping
	String show(Model model, HttpServletResponse response) {
		response.setHeader("Cache-Control", "no-store");
		response.setHeader("Content-Security-Policy", NOTHING_BUT_STYLE);
		response.setHeader("Referrer-Policy", "same-origin");
		model.addAttribute("page", OpsPage.of(this.secrets.current(), this.secrets.timeToNextRefresh(), Instant.now()));
		return "ops";
	}

	/**
	 * Waits until {@code ecs-secrets.refresh.min-interval} has passed, and for the
	 * refresh. Requests that wait share one refresh.
	 */
	@PostMapping
	String refresh(RedirectAttributes redirect) {
		try {
			Set<String> changed = this.secrets.refresh();
			redirect.addFlashAttribute("outcome",
					changed.isEmpty() ? "No value has changed." : "Changed: " + String.join(", ", changed));
		}
		catch (SecretResolutionException ex) {
			redirect.addFlashAttribute("outcome", "The refresh failed. All secrets keep their values.");
			redirect.addFlashAttribute("failures", ex.failures());
		}
		return "redirect:/ops";
	}

}
