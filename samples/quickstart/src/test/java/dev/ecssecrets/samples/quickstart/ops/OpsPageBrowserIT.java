// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.quickstart.ops;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * Uses the page as an operator does, in a Chromium where one is installed.
 */
class OpsPageBrowserIT {

	@TempDir
	private Path folder;

	@Test
	void operatorReadsRowsAndRefreshes() throws Exception {
		ChromeDriver browser = startBrowser();
		try (RunningQuickstart quickstart = RunningQuickstart.start(this.folder, "ops")) {
			browser.get(quickstart.address("/ops").toString());
			assertThat(browser.getTitle()).isEqualTo("Secrets");
			assertThat(rows(browser)).extracting((row) -> row.findElement(By.tagName("th")).getText())
				.satisfiesExactly((name) -> assertThat(name).startsWith("HAMADA_SECRETS"),
						(name) -> assertThat(name).startsWith("GREETING_SIGNING_KEY"));
			assertThat(rows(browser)).extracting(WebElement::getText)
				.allSatisfy((row) -> assertThat(row).contains("secrets.local.json"));
			quickstart.replace("wassyoi", "a changed word");
			browser.findElement(By.tagName("button")).click();
			assertThat(browser.findElement(By.cssSelector("[role=status]")).getText())
				.isEqualTo("Changed: HAMADA_SECRETS");
			assertThat(browser.getCurrentUrl()).isEqualTo(quickstart.address("/ops").toString());
			quickstart.replace("signing-key", "another-key");
			browser.navigate().refresh();
			browser.findElement(By.tagName("button")).click();
			assertThat(browser.findElement(By.cssSelector("[role=status]")).getText()).startsWith("The refresh failed.")
				.contains("GREETING_SIGNING_KEY: no such JSON key");
		}
		finally {
			browser.quit();
		}
	}

	private static List<WebElement> rows(WebDriver browser) {
		return browser.findElements(By.cssSelector("tbody tr"));
	}

	private ChromeDriver startBrowser() throws Exception {
		File chromium = find("chromium", "chromium-browser", "google-chrome");
		File driver = find("chromedriver");
		ChromeOptions options = new ChromeOptions();
		options.setBinary(chromium);
		// Root may not use the sandbox, and the page is our own.
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync",
				"--window-size=1100,700", "--user-data-dir=" + Files.createDirectory(this.folder.resolve("browser")));
		options.setImplicitWaitTimeout(Duration.ofSeconds(30));
		return new ChromeDriver(
				new ChromeDriverService.Builder().usingDriverExecutable(driver).usingAnyFreePort().build(), options);
	}

	private static File find(String... commands) {
		String path = System.getenv().getOrDefault("PATH", "");
		Optional<File> found = Stream.of(commands)
			.flatMap((command) -> Arrays.stream(path.split(File.pathSeparator))
				.map((folder) -> new File(folder, command)))
			.filter(File::canExecute)
			.findFirst();
		return found.orElseGet(() -> abort("Skipped: install chromium and chromium-driver, so that there is "
				+ String.join(" or ", commands) + " on the PATH"));
	}

}
