package dev.ecssecrets.aws;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.Arn;
import dev.ecssecrets.SecretFailure.Reason;
import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretStore.Answer;
import dev.ecssecrets.SecretStore.Failed;
import dev.ecssecrets.SecretStore.Found;
import dev.ecssecrets.SecretValue;
import org.jspecify.annotations.Nullable;

/**
 * Call of {@code ssm:GetParameters} for at most ten parameters of one region.
 *
 * @param region the region
 * @param locations the parameters
 */
record GetParameters(String region, List<Parameter> locations) implements AwsCall {

	private static final int MAX_NAMES = 10;

	/**
	 * Distributes parameters over as few calls as possible.
	 * @param region the region of all parameters
	 * @param parameters the parameters
	 * @return the calls
	 */
	static List<GetParameters> batches(String region, List<Parameter> parameters) {
		List<List<Parameter>> batches = new ArrayList<>();
		for (Parameter parameter : parameters) {
			batches.stream().filter((batch) -> hasRoomFor(batch, parameter)).findFirst().orElseGet(() -> {
				List<Parameter> batch = new ArrayList<>();
				batches.add(batch);
				return batch;
			}).add(parameter);
		}
		return batches.stream().map((batch) -> new GetParameters(region, List.copyOf(batch))).toList();
	}

	private static boolean hasRoomFor(List<Parameter> batch, Parameter parameter) {
		// A parameter may be declared both by its name and by its ARN, but AWS accepts
		// each only once in a call. LocalStack does not decrypt the other parameters of a
		// call that has a reference to a secret.
		return batch.size() < MAX_NAMES && batch.stream()
			.noneMatch((other) -> path(other.name()).equals(path(parameter.name()))
					|| (other.secretId() != null) != (parameter.secretId() != null));
	}

	@Override
	public AwsService service() {
		return AwsService.PARAMETER_STORE;
	}

	@Override
	public List<GetParameters> split() {
		return this.locations.stream().map((location) -> new GetParameters(this.region, List.of(location))).toList();
	}

	@Override
	public Map<SecretLocation, Answer> execute(AwsApi api, Duration timeout) {
		AwsApi.FoundParameters parameters = api.getParameters(this.region,
				this.locations.stream().map(Parameter::id).toList(), timeout);
		Map<SecretLocation, Answer> answers = new HashMap<>();
		this.locations.forEach((location) -> answers.put(location, answer(location, parameters, api.accountId())));
		return answers;
	}

	private Answer answer(Parameter location, AwsApi.FoundParameters parameters, @Nullable String callerAccount) {
		List<AwsApi.FoundParameter> found = parameters.found()
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
				source() + " returned an answer that " + fault(location, parameters, !found.isEmpty()));
	}

	private Answer answer(Parameter location, AwsApi.FoundParameter found) {
		SecretValue value = found.value();
		if (value == null && location.secretId() == null) {
			return new Failed(Reason.REFUSED, source() + " returned an answer without a value");
		}
		// A reference to a secret has a version that is not the secret's.
		String version = (location.secretId() == null) ? found.version() : null;
		// A reference to a binary secret has no value.
		return (value != null) ? new Found(value, source(version, List.of())) : binary(version, List.of());
	}

	private Failed notFound(Parameter location, @Nullable String callerAccount) {
		String account = (location.arn() != null) ? location.arn().accountId() : callerAccount;
		return new Failed(Reason.NOT_FOUND,
				source() + ((account != null) ? ", account " + account + "," : "") + " has no such parameter");
	}

	private static String fault(Parameter location, AwsApi.FoundParameters parameters, boolean found) {
		if (found) {
			return "contradicts itself about this parameter";
		}
		return parameters.found()
			.stream()
			.map(AwsApi.FoundParameter::name)
			.anyMatch((name) -> name != null && isNameOf(location, name))
					? "has a parameter with this name, but from another account or region"
					: "neither has this parameter nor lists it as invalid";
	}

	/**
	 * Returns whether a parameter of the answer is the one at a location. If the location
	 * has an ARN, the ARNs must be equal: a parameter of the same name in another account
	 * does not count. Otherwise the names must be equal, as for the ECS agent. LocalStack
	 * drops the slash before a name without path.
	 */
	private static boolean isFor(Parameter location, AwsApi.FoundParameter found) {
		Arn arn = location.arn();
		return (arn != null) ? arn.toString().equals(found.arn())
				: found.name() != null && isNameOf(location, found.name());
	}

	private static boolean isNameOf(Parameter location, String name) {
		return location.name().equals(name) || location.name().equals("/" + name);
	}

	/**
	 * Returns a name without its leading slash, as an ARN contains it.
	 */
	private static String path(String name) {
		return name.startsWith("/") ? name.substring(1) : name;
	}

}
