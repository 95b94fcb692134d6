// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.ecssecrets.FileSecretStore;
import dev.ecssecrets.PlaceholderSecretStore;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretStore;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Response;
import dev.ecssecrets.aws.AwsCredentials;
import dev.ecssecrets.aws.AwsSecretStore;
import dev.ecssecrets.aws.sdk.SdkCredentials;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.core.io.Resource;
import org.springframework.util.ClassUtils;
import org.springframework.util.ResourceUtils;

/**
 * Store of the type that the properties select. If it cannot be created, every answer is
 * a failure with the cause, so that the report contains it.
 */
final class SecretStores {

	private static final String SDK_PROVIDER = "software.amazon.awssdk.auth.credentials.AwsCredentialsProvider";

	private static final String CAFFEINE = "com.github.benmanes.caffeine.cache.Caffeine";

	/**
	 * Classes that are looked for by their files.
	 */
	static final List<String> OPTIONAL = List.of(SDK_PROVIDER, CAFFEINE);

	private SecretStores() {
	}

	static SecretStore open(SecretsConfiguration configuration, BootstrapContext registered,
			Consumer<String> warnings) {
		SecretsProperties properties = configuration.properties();
		return switch (properties.store()) {
			case AWS -> aws(properties, registered, warnings);
			case FILE -> file(properties.file(), warnings);
			case PLACEHOLDER -> placeholders(configuration, warnings);
		};
	}

	private static SecretStore aws(SecretsProperties properties, BootstrapContext registered,
			Consumer<String> warnings) {
		SecretsProperties.Aws aws = properties.aws();
		Supplier<AwsCredentials> credentials = isPresent(SDK_PROVIDER) ? Sdk.credentials(registered) : null;
		SecretStore store = AwsSecretStore.builder()
			.region(aws.region())
			.endpoint(aws.endpoint(), SecretsProperties.PREFIX + ".aws.endpoint")
			.profile(aws.profile())
			.credentials(credentials)
			.warnings(warnings)
			.build();
		// Other credentials may give other values.
		return (credentials == null && isPresent(CAFFEINE))
				? SharedStores.get(aws, properties.refresh().minInterval(), store) : store;
	}

	/**
	 * Looks for the file of a class, which need not be loaded.
	 */
	private static boolean isPresent(String className) {
		return SecretStores.class.getClassLoader().getResource(classFile(className)) != null;
	}

	static String classFile(String className) {
		return ClassUtils.convertClassNameToResourcePath(className) + ClassUtils.CLASS_FILE_SUFFIX;
	}

	private static SecretStore file(SecretsProperties.File file, Consumer<String> warnings) {
		if (file.location() == null) {
			return failing(Reason.UNREADABLE_FILE,
					"ecs-secrets.store is file, but ecs-secrets.file.location is not set");
		}
		try {
			Resource resource = Locations.resource(file.location());
			String access = resource.isFile() ? accessOfOthers(resource.getFile().toPath()) : "";
			if (!access.isEmpty()) {
				warnings.accept(resource.getFile() + " can be " + access
						+ " by other users. Restrict it to its owner (chmod 600)");
			}
			if (ResourceUtils.isJarURL(resource.getURL())) {
				warnings.accept(resource.getFilename()
						+ " is packaged in an archive, so anyone with the archive can read it. Exclude it from"
						+ " packaging");
			}
			return new FileSecretStore(Locations.url(resource));
		}
		catch (IOException ex) {
			return failing(Reason.UNREADABLE_FILE, Locations.describe(file.location(), ex));
		}
	}

	/**
	 * Forgets what applications share. Afterwards, all fetches ask AWS.
	 */
	static void forgetShared() {
		if (isPresent(CAFFEINE)) {
			SharedStores.clear();
		}
	}

	private static SecretStore placeholders(SecretsConfiguration configuration, Consumer<String> warnings) {
		if (!TrainingRun.isInProgress()) {
			// That is reported.
			return new PlaceholderSecretStore(List.of());
		}
		warnings.accept("TRAINING RUN: secrets that are not injected have placeholders, because ecs-secrets.store is"
				+ " placeholder. The process ends when the application context is refreshed");
		// The starts that are trained for fetch what is missing here.
		AwsSecretStore.loadClasses();
		return new PlaceholderSecretStore(configuration.declarations());
	}

	private static String accessOfOthers(Path file) throws IOException {
		PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
		if (view == null || !Files.exists(file)) {
			return "";
		}
		Set<PosixFilePermission> permissions = view.readAttributes().permissions();
		boolean read = permissions.contains(PosixFilePermission.GROUP_READ)
				|| permissions.contains(PosixFilePermission.OTHERS_READ);
		boolean write = permissions.contains(PosixFilePermission.GROUP_WRITE)
				|| permissions.contains(PosixFilePermission.OTHERS_WRITE);
		return (read ? "read" : "") + ((read && write) ? " and " : "") + (write ? "changed" : "");
	}

	private static SecretStore failing(Reason reason, String detail) {
		return (locations, timeout) -> new Response(locations.stream()
			.collect(Collectors.toMap(Function.identity(), (location) -> new Failed(reason, detail))));
	}

	/**
	 * Loaded only where the SDK is on the class path.
	 */
	private static final class Sdk {

		static @Nullable Supplier<AwsCredentials> credentials(BootstrapContext registered) {
			AwsCredentialsProvider provider = registered.getOrElse(AwsCredentialsProvider.class, null);
			return (provider != null) ? new SdkCredentials(provider) : null;
		}

	}

}
