// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.aws;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.ecssecrets.SecretLocation;
import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * Plan of the calls that answer locations: parameters in batches per region, and one call
 * for each version of a secret.
 */
final class CallPlan {

	private CallPlan() {
	}

	/**
	 * Plans the calls.
	 * @param locations the locations
	 * @param defaultRegion the region of parameters that are declared by name, or
	 * {@code null} if there are none
	 * @return the calls
	 */
	static List<AwsCall> of(List<SecretLocation> locations, @Nullable String defaultRegion) {
		List<AwsCall> calls = new ArrayList<>();
		Map<String, List<Parameter>> byRegion = new LinkedHashMap<>();
		for (SecretLocation location : locations) {
			if (location instanceof SecretsManagerSecret secret) {
				calls.add(new GetSecretValue(secret));
			}
			else if (location instanceof Parameter parameter) {
				String region = (parameter.arn() != null) ? parameter.arn().region()
						: Objects.requireNonNull(defaultRegion);
				List<Parameter> inRegion = byRegion.getOrDefault(region, new ArrayList<>());
				inRegion.add(parameter);
				byRegion.put(region, inRegion);
			}
		}
		for (Map.Entry<String, List<Parameter>> inRegion : byRegion.entrySet()) {
			calls.addAll(GetParameters.batches(inRegion.getKey(), inRegion.getValue()));
		}
		return calls;
	}

}
