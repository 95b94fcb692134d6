package dev.ecssecrets.aws;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.ecssecrets.Arn;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import dev.ecssecrets.SecretSource;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;

/**
 * One call to AWS and the locations that it answers.
 */
sealed interface AwsCall {

	/**
	 * Plans the calls that answer locations.
	 * @param locations the locations
	 * @param defaultRegion the region of what names none, or {@code null} if all name one
	 * @return the calls
	 */
	static List<AwsCall> plan(List<SecretLocation> locations, @Nullable String defaultRegion) {
		List<AwsCall> calls = new ArrayList<>();
		Map<String, List<GetParameters>> byRegion = new LinkedHashMap<>();
		for (SecretLocation location : locations) {
			if (location instanceof SecretsManagerSecret secret) {
				calls.add(new GetSecretValue(secret));
			}
			else if (location instanceof Parameter parameter) {
				Arn arn = parameter.arn();
				String region = (arn != null) ? arn.region() : Objects.requireNonNull(defaultRegion);
				GetParameters.add(parameter, region, byRegion.computeIfAbsent(region, (key) -> new ArrayList<>()));
			}
		}
		byRegion.values().forEach(calls::addAll);
		return calls;
	}

	List<? extends SecretLocation> locations();

	AwsService service();

	String region();

	/**
	 * Makes the call.
	 * @param api whom it asks
	 * @param timeout how long it may take
	 * @return an answer for each location
	 * @throws software.amazon.awssdk.core.exception.SdkException if the call fails
	 */
	Map<SecretLocation, Answer> ask(AwsApi api, Duration timeout);

	/**
	 * Returns calls that together ask the same, each for one location.
	 * @return the calls
	 */
	List<? extends AwsCall> split();

	/**
	 * Returns whom the call asks, for a person to read.
	 * @return service and region
	 */
	default String source() {
		return service().title + " in " + region();
	}

	default SecretSource source(@Nullable String version, List<String> versionStages) {
		return new SecretSource(source(), version, versionStages, Instant.now());
	}

	/**
	 * Returns one answer for all locations.
	 * @param answer the answer
	 * @return the answer for each location
	 */
	default Map<SecretLocation, Answer> answerAll(Answer answer) {
		Map<SecretLocation, Answer> answers = new HashMap<>();
		locations().forEach((location) -> answers.put(location, answer));
		return answers;
	}

	/**
	 * Returns the answer for a binary secret, of which the ECS agent injects nothing.
	 * @return the empty string, with a warning
	 */
	default Found binary(@Nullable String version, List<String> versionStages) {
		return new Found(SecretValue.of(""), source(version, versionStages),
				"is a binary secret, which ECS injects as the empty string: store it as text, such as Base64-encoded");
	}

	/**
	 * {@code ssm:GetParameters}.
	 */
	record GetParameters(String region, List<Parameter> locations) implements AwsCall {

		private static final int MAX_NAMES = 10;

		static void add(Parameter parameter, String region, List<GetParameters> calls) {
			calls.stream().filter((call) -> call.hasRoomFor(parameter)).findFirst().orElseGet(() -> {
				GetParameters call = new GetParameters(region, new ArrayList<>());
				calls.add(call);
				return call;
			}).locations.add(parameter);
		}

		private boolean hasRoomFor(Parameter parameter) {
			// A name may be declared both plainly and by ARN; AWS takes none twice. A
			// LocalStack does not decrypt what is asked beside a reference to a secret.
			return this.locations.size() < MAX_NAMES && this.locations.stream()
				.noneMatch((other) -> path(other.name()).equals(path(parameter.name()))
						|| (other.secretId() != null) != (parameter.secretId() != null));
		}

		@Override
		public AwsService service() {
			return AwsService.PARAMETER_STORE;
		}

		@Override
		public List<GetParameters> split() {
			return this.locations.stream()
				.map((location) -> new GetParameters(this.region, List.of(location)))
				.toList();
		}

		@Override
		public Map<SecretLocation, Answer> ask(AwsApi api, Duration timeout) {
			AwsApi.Parameters parameters = api.getParameters(this.region,
					this.locations.stream().map(Parameter::id).toList(), timeout);
			Map<SecretLocation, Answer> answers = new HashMap<>();
			this.locations.forEach((location) -> answers.put(location, answer(location, parameters, api.accountId())));
			return answers;
		}

		private Answer answer(Parameter location, AwsApi.Parameters parameters, @Nullable String callerAccount) {
			List<AwsApi.Parameter> found = parameters.found()
				.stream()
				.filter((parameter) -> isFor(location, parameter))
				.toList();
			boolean invalid = parameters.invalid()
				.stream()
				.anyMatch((name) -> name.equals(location.id()) || isNameOf(location, name));
			if (found.size() == 1 && !invalid) {
				return answer(location, found.get(0));
			}
			if (found.isEmpty() && invalid) {
				return notFound(location, callerAccount);
			}
			return new Failed(Reason.REFUSED,
					source() + " gave an answer that " + fault(location, parameters, !found.isEmpty()));
		}

		private static String fault(Parameter location, AwsApi.Parameters parameters, boolean found) {
			if (found) {
				return "contradicts itself about this parameter";
			}
			return parameters.found()
				.stream()
				.map(AwsApi.Parameter::name)
				.anyMatch((name) -> name != null && isNameOf(location, name))
						? "has a parameter of this name, but of another account or region"
						: "neither has this parameter nor names it as invalid";
		}

		private Failed notFound(Parameter location, @Nullable String callerAccount) {
			String account = (location.arn() != null) ? location.arn().accountId() : callerAccount;
			return new Failed(Reason.NOT_FOUND,
					source() + ((account != null) ? ", account " + account + "," : "") + " has no such parameter");
		}

		private Answer answer(Parameter location, AwsApi.Parameter found) {
			SecretValue value = found.value();
			if (value == null && location.secretId() == null) {
				return new Failed(Reason.REFUSED, source() + " gave an answer without a value");
			}
			// That of a reference to a secret is not the secret's.
			String version = (location.secretId() == null) ? found.version() : null;
			// A binary secret has no value here.
			return (value != null) ? new Found(value, source(version, List.of())) : binary(version, List.of());
		}

		/**
		 * A parameter asked by its ARN must be that of the ARN's account: not one of the
		 * same name in another. Others count by the name that they return with, as to the
		 * ECS agent, except that a LocalStack drops a slash before a name without path.
		 */
		private static boolean isFor(Parameter location, AwsApi.Parameter found) {
			Arn arn = location.arn();
			return (arn != null) ? arn.toString().equals(found.arn())
					: found.name() != null && isNameOf(location, found.name());
		}

		private static boolean isNameOf(Parameter location, String name) {
			return location.name().equals(name) || location.name().equals("/" + name);
		}

		/**
		 * Returns a name as it stands in an ARN, where one slash may have been lost.
		 */
		private static String path(String name) {
			return name.startsWith("/") ? name.substring(1) : name;
		}

	}

	/**
	 * {@code secretsmanager:GetSecretValue}.
	 */
	record GetSecretValue(SecretsManagerSecret secret) implements AwsCall {

		private static final int SUFFIX_LENGTH = 7;

		@Override
		public List<? extends SecretLocation> locations() {
			return List.of(this.secret);
		}

		@Override
		public AwsService service() {
			return AwsService.SECRETS_MANAGER;
		}

		@Override
		public String region() {
			return this.secret.arn().region();
		}

		@Override
		public List<GetSecretValue> split() {
			return List.of(this);
		}

		@Override
		public Map<SecretLocation, Answer> ask(AwsApi api, Duration timeout) {
			AwsApi.Secret found = api.getSecretValue(this.secret, timeout);
			if (!isFor(found)) {
				return answerAll(new Failed(Reason.REFUSED,
						source() + " gave an answer for another secret or version than this one"));
			}
			String version = found.versionId();
			List<String> stages = found.versionStages();
			return answerAll((found.text() != null) ? new Found(found.text(), source(version, stages))
					: binary(version, stages));
		}

		/**
		 * What an answer does not name counts as what was requested: not all emulators
		 * name everything.
		 */
		private boolean isFor(AwsApi.Secret found) {
			String arn = found.arn();
			String versionId = found.versionId();
			List<String> stages = found.versionStages();
			return (arn == null || arn.equals(this.secret.id())
					|| (arn.startsWith(this.secret.id()) && isSuffix(arn.substring(this.secret.id().length()))))
					&& (versionId == null || this.secret.versionId() == null
							|| versionId.equals(this.secret.versionId()))
					&& (stages.isEmpty() || this.secret.versionStage() == null
							|| stages.contains(this.secret.versionStage()));
		}

		/**
		 * Returns whether the ID of the secret ends as the ARNs of secrets do. AWS then
		 * takes the end for the random suffix, and does not find a secret whose name ends
		 * so by itself.
		 */
		boolean endsWithSuffix() {
			String id = this.secret.secretId();
			return id.length() > SUFFIX_LENGTH && isSuffix(id.substring(id.length() - SUFFIX_LENGTH));
		}

		/**
		 * Returns whether a text is a hyphen and six letters and digits, which AWS adds
		 * to the name of a secret.
		 */
		private static boolean isSuffix(String text) {
			return text.length() == SUFFIX_LENGTH && text.charAt(0) == '-'
					&& text.chars()
						.skip(1)
						.allMatch((character) -> character < 128 && Character.isLetterOrDigit(character));
		}

	}

}
