// SPDX-License-Identifier: Apache-2.0

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
			batchFor(parameter, batches).add(parameter);
		}
		List<GetParameters> calls = new ArrayList<>();
		for (List<Parameter> batch : batches) {
			calls.add(new GetParameters(region, List.copyOf(batch)));
		}
		return calls;
	}

	private static List<Parameter> batchFor(Parameter parameter, List<List<Parameter>> batches) {
		for (List<Parameter> batch : batches) {
			if (hasRoomFor(batch, parameter)) {
				return batch;
			}
		}
		List<Parameter> batch = new ArrayList<>();
		batches.add(batch);
		return batch;
	}

	private static boolean hasRoomFor(List<Parameter> batch, Parameter parameter) {
		// A parameter may be declared both by its name and by its ARN, but AWS accepts
		// each only once in a call. LocalStack does not decrypt the other parameters of a
		// call that has a reference to a secret.
		for (Parameter other : batch) {
			if (path(other.name()).equals(path(parameter.name()))
					|| (other.secretId() != null) != (parameter.secretId() != null)) {
				return false;
			}
		}
		return batch.size() < MAX_NAMES;
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
		List<String> ids = new ArrayList<>();
		for (Parameter location : this.locations) {
			ids.add(location.id());
		}
		AwsApi.FoundParameters parameters = api.getParameters(this.region, ids, timeout);
		Map<SecretLocation, Answer> answers = new HashMap<>();
		for (Parameter location : this.locations) {
			answers.put(location, answer(location, parameters, api.accountId()));
		}
		return answers;
	}

	private Answer answer(Parameter location, AwsApi.FoundParameters parameters, @Nullable String callerAccount) {
		List<AwsApi.FoundParameter> found = new ArrayList<>();
		for (AwsApi.FoundParameter parameter : parameters.found()) {
			if (isFor(location, parameter)) {
				found.add(parameter);
			}
		}
		boolean invalid = false;
		for (String name : parameters.invalid()) {
			invalid |= name.equals(location.id()) || isNameOf(location, name);
		}
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
