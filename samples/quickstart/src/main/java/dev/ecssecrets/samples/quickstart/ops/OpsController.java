package dev.ecssecrets.samples.quickstart.ops;

import java.time.Instant;
import java.util.Set;

import dev.ecssecrets.SecretResolutionException;
import dev.ecssecrets.boot.SecretsEndpoint;
import dev.ecssecrets.boot.SecretsRefresher;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/**
 * Shows where the secrets are from and how old they are, and refreshes them.
 */
@Controller
@RequestMapping("/ops")
@Profile("ops")
class OpsController {

	private static final String NOTHING_BUT_STYLE = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
			+ " base-uri 'none'; frame-ancestors 'none'";

	private final SecretsEndpoint endpoint;

	private final SecretsRefresher refresher;

	OpsController(SecretsEndpoint endpoint, SecretsRefresher refresher) {
		this.endpoint = endpoint;
		this.refresher = refresher;
	}

	@GetMapping
	String show(Model model, HttpServletResponse response) {
		response.setHeader("Cache-Control", "no-store");
		response.setHeader("Content-Security-Policy", NOTHING_BUT_STYLE);
		response.setHeader("Referrer-Policy", "same-origin");
		model.addAttribute("page", OpsPage.of(this.endpoint.secrets(), Instant.now()));
		return "ops";
	}

	/**
	 * Waits as long as the refresh takes, and for the earliest moment that
	 * {@code ecs-secrets.refresh.min-interval} allows: who asks meanwhile shares it.
	 */
	@PostMapping
	String refresh(RedirectAttributes news) {
		try {
			Set<String> changed = this.refresher.refresh();
			news.addFlashAttribute("outcome",
					changed.isEmpty() ? "No value has changed." : "Changed: " + String.join(", ", changed));
		}
		catch (SecretResolutionException ex) {
			news.addFlashAttribute("outcome", "The refresh failed. All secrets keep the values that they have.");
			news.addFlashAttribute("failures", ex.failures());
		}
		return "redirect:/ops";
	}

}
