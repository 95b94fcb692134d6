// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws.sdk;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.ecssecrets.PrintableText;
import dev.ecssecrets.aws.SdkModules;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProcessCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.profiles.Profile;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.profiles.ProfileFileLocation;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.profiles.ProfileProperty;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Reason why the SDK has no credentials: the ways that are configured, and the fault of
 * each. Of what a {@code credential_process} prints, nothing is quoted.
 */
final class NoCredentials {

	private static final String ABSENT_MODULES = " needs modules of the AWS SDK that are not on the class path: ";

	private static final String SSO_SESSION = "sso_session";

	// The message of a provider may list all profiles.
	private static final int MAX_MESSAGE = 200;

	private NoCredentials() {
	}

	/**
	 * Returns why the default chain has no credentials. Since the chain does not keep the
	 * exceptions of its providers, those that are configured are asked again.
	 * @param ex the exception of the chain
	 * @return a clause for a person to read
	 */
	static String ofChain(RuntimeException ex) {
		String ways = Stream.of(ofKeys(), ofWebIdentity(), ofDefaultProfile())
			.filter(Objects::nonNull)
			.collect(Collectors.joining("; "));
		if (!ways.isEmpty()) {
			return ways;
		}
		// The message of the chain lists all providers.
		return (ex instanceof IllegalArgumentException) ? cause(ex)
				: "no provider in the AWS SDK's default chain has credentials";
	}

	private static @Nullable String ofKeys() {
		boolean id = isSet(SdkSystemSetting.AWS_ACCESS_KEY_ID);
		if (id == isSet(SdkSystemSetting.AWS_SECRET_ACCESS_KEY)) {
			return null;
		}
		return id ? "AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"
				: "AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID";
	}

	private static @Nullable String ofWebIdentity() {
		if (!isSet(SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE)) {
			return null;
		}
		String identity = "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE";
		if (!isSet(SdkSystemSetting.AWS_ROLE_ARN)) {
			return identity + " needs AWS_ROLE_ARN, which is not set";
		}
		String absent = SdkModules.absent("sts");
		if (absent != null) {
			return identity + ABSENT_MODULES + absent;
		}
		RuntimeException ex = exception(WebIdentityTokenFileCredentialsProvider.create());
		return (ex != null) ? identity + ": " + cause(ex) : null;
	}

	private static @Nullable String ofDefaultProfile() {
		String explicit = ProfileFileSystemSetting.AWS_PROFILE.getNonDefaultStringValue().orElse(null);
		String profile = (explicit != null) ? explicit : ProfileFileSystemSetting.AWS_PROFILE.defaultValue();
		if (hasProcess(profile)) {
			// A second run might ask for a second factor again.
			return "the credential_process of the AWS profile '" + PrintableText.of(profile) + "' in " + files()
					+ " has failed";
		}
		RuntimeException ex = exception(ProfileCredentialsProvider.create(profile));
		return (ex != null && (explicit != null || !isWithoutCredentials(ex))) ? ofProfile(profile, ex) : null;
	}

	private static boolean hasProcess(String profile) {
		try {
			return chain(ProfileFile.defaultProfileFile(), profile).values()
				.stream()
				.anyMatch((part) -> part.properties().containsKey(ProfileProperty.CREDENTIAL_PROCESS));
		}
		catch (RuntimeException ex) {
			// The files are malformed, which is reported below.
			return false;
		}
	}

	/**
	 * Returns why a profile has no credentials.
	 * @param name the name of the profile
	 * @param ex the exception of its provider
	 * @return a clause for a person to read
	 */
	static String ofProfile(String name, RuntimeException ex) {
		String files = files();
		if (files.isEmpty()) {
			return "there is no AWS profile '" + PrintableText.of(name) + "', because neither "
					+ ProfileFileLocation.configurationFilePath() + " nor " + ProfileFileLocation.credentialsFilePath()
					+ " is a readable file";
		}
		ProfileFile profiles;
		try {
			profiles = ProfileFile.defaultProfileFile();
		}
		catch (RuntimeException malformed) {
			return "the AWS profiles in " + files + " are malformed: " + cause(malformed);
		}
		Map<String, Profile> chain = chain(profiles, name);
		if (chain.isEmpty()) {
			return "there is no AWS profile '" + PrintableText.of(name) + "' in " + files + ", which "
					+ (profiles.profiles().isEmpty() ? "has none" : "has "
							+ profiles.profiles().keySet().stream().sorted().collect(Collectors.joining(", ")));
		}
		String profile = "the AWS profile '" + PrintableText.of(name) + "' in " + files;
		String absent = absentModules(chain.values());
		if (absent != null) {
			return profile + ABSENT_MODULES + absent;
		}
		if (isWithoutCredentials(ex)) {
			return profile + " has no credentials: neither keys nor a role, SSO or a credential_process";
		}
		if (isExpired(ex)) {
			String sso = chain.values()
				.stream()
				.filter(NoCredentials::hasSso)
				.map(Profile::name)
				.findFirst()
				.orElse(name);
			return "run 'aws sso login --profile " + PrintableText.of(sso) + "', because the session of " + profile
					+ " is absent or has expired";
		}
		return profile + ": " + cause(ex);
	}

	/**
	 * Returns the files with profiles that exist.
	 */
	private static String files() {
		return Stream.of(ProfileFileLocation.configurationFileLocation(), ProfileFileLocation.credentialsFileLocation())
			.flatMap((file) -> file.stream())
			.map((file) -> PrintableText.of(file.toString()))
			.collect(Collectors.joining(" and "));
	}

	/**
	 * Returns a profile and those that it gets its credentials from.
	 */
	private static Map<String, Profile> chain(ProfileFile profiles, String name) {
		Map<String, Profile> chain = new LinkedHashMap<>();
		String next = name;
		while (next != null && !chain.containsKey(next)) {
			Profile profile = profiles.profile(next).orElse(null);
			if (profile != null) {
				chain.put(next, profile);
			}
			next = (profile != null) ? profile.property(ProfileProperty.SOURCE_PROFILE).orElse(null) : null;
		}
		return chain;
	}

	private static @Nullable String absentModules(Iterable<Profile> chain) {
		List<String> modules = new ArrayList<>();
		for (Profile profile : chain) {
			Map<String, String> properties = profile.properties();
			if (properties.containsKey(ProfileProperty.ROLE_ARN)) {
				modules.add("sts");
			}
			if (properties.containsKey(ProfileProperty.LOGIN_SESSION)) {
				modules.add("signin");
			}
			// A profile with the address of its session does without ssooidc.
			if (hasSso(profile) && (properties.containsKey(SSO_SESSION) || SdkModules.absent("sso") != null)) {
				modules.add("sso");
				modules.add("ssooidc");
			}
		}
		return SdkModules.absent(modules.stream().distinct().toArray(String[]::new));
	}

	private static boolean hasSso(Profile profile) {
		return profile.properties().keySet().stream().anyMatch((property) -> property.startsWith("sso_"));
	}

	private static boolean isSet(SdkSystemSetting setting) {
		return !setting.getStringValue().orElse("").isBlank();
	}

	private static boolean isWithoutCredentials(RuntimeException ex) {
		return SdkFailures.message(ex).startsWith("Profile file contained no credentials");
	}

	/**
	 * Returns whether this is an exception of module {@code sso}, which may be absent.
	 */
	private static boolean isExpired(RuntimeException ex) {
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			if (cause.getClass().getName().equals("software.amazon.awssdk.services.sso.auth.ExpiredTokenException")) {
				return true;
			}
		}
		return false;
	}

	private static <P extends AwsCredentialsProvider & SdkAutoCloseable> @Nullable RuntimeException exception(
			P provider) {
		try (provider) {
			new SdkCredentials(provider).get();
			return null;
		}
		catch (RuntimeException ex) {
			return ex;
		}
	}

	private static String cause(RuntimeException ex) {
		if (isOfProcess(ex)) {
			return "its credential_process " + ofProcess(ex);
		}
		IOException fault = SdkFailures.fault(ex);
		if (fault instanceof FileSystemException file) {
			return PrintableText.of(String.valueOf(file.getFile())) + " cannot be read ("
					+ file.getClass().getSimpleName() + ")";
		}
		if (fault != null) {
			return "the credentials provider cannot be reached: " + PrintableText
				.of(fault.getClass().getSimpleName() + ((fault.getMessage() != null) ? ": " + fault.getMessage() : ""));
		}
		String message = SdkFailures.message(ex);
		return PrintableText.of((message.length() > MAX_MESSAGE) ? message.substring(0, MAX_MESSAGE) + "..." : message);
	}

	/**
	 * Returns whether a {@code credential_process} has failed. The messages of such
	 * exceptions quote what it has printed.
	 */
	private static boolean isOfProcess(@Nullable Throwable ex) {
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			for (StackTraceElement frame : cause.getStackTrace()) {
				if (frame.getClassName().equals(ProcessCredentialsProvider.class.getName())) {
					return true;
				}
			}
		}
		return false;
	}

	private static String ofProcess(RuntimeException ex) {
		String start = "Command returned non-zero exit value (";
		return SdkFailures.messages(ex)
			.filter((message) -> message.startsWith(start) && message.indexOf(')') > 0)
			.findFirst()
			.map((message) -> "ended with exit code " + message.substring(start.length(), message.indexOf(')')))
			.orElse("did not print credentials as JSON");
	}

}
