// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.ecssecrets.SecretLocation.Parameter;
import dev.ecssecrets.SecretLocation.SecretsManagerSecret;
import org.jspecify.annotations.Nullable;

/**
 * Reason why a text is not a {@link SecretReference}. If a text has several faults, it is
 * the one that explains the others: an unresolved placeholder explains white space, and
 * both explain why the text is not a name.
 *
 * @param text the problem and its fix
 * @param refusedByEcs whether ECS itself rejects the text; if not, ECS passes it on to
 * AWS, which rejects it
 */
record ReferenceProblem(String text, boolean refusedByEcs) {

	private static final String SECRET_FORM = "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME:JSON_KEY::";

	/**
	 * Prefixes of references of other tools.
	 */
	private static final Map<String, String> OTHER_TOOLS = new LinkedHashMap<>();

	static {
		OTHER_TOOLS.put(ReferenceText.DYNAMIC_REFERENCE, "a CloudFormation dynamic reference");
		OTHER_TOOLS.put("resolve:", "a CloudFormation dynamic reference");
		OTHER_TOOLS.put("!", "a CloudFormation function");
		OTHER_TOOLS.put("fn::", "a CloudFormation function");
		OTHER_TOOLS.put("aws-secretsmanager:", "a Spring Cloud AWS import (spring.config.import)");
		OTHER_TOOLS.put("aws-parameterstore:", "a Spring Cloud AWS import (spring.config.import)");
		OTHER_TOOLS.put("optional:", "a Spring Boot import (spring.config.import)");
		OTHER_TOOLS.put("jdbc-secretsmanager:", "a URL for the AWS Secrets Manager JDBC driver");
		OTHER_TOOLS.put("vault:", "a Vault reference");
		OTHER_TOOLS.put("ref+", "a vals reference");
		OTHER_TOOLS.put("ssm:", "a reference for another tool");
		OTHER_TOOLS.put("ssm-secure:", "a reference for another tool");
		OTHER_TOOLS.put("secretsmanager:", "a reference for another tool");
	}

	/**
	 * Finds the problem of a text that is not a reference.
	 * @param valueFrom the text
	 * @param written the text before placeholders were replaced; problems quote only this
	 * one
	 * @return the problem
	 */
	static ReferenceProblem of(String valueFrom, String written) {
		Arn arn = Arn.split(valueFrom);
		String problem = problem(valueFrom, written, arn);
		if (isRefusedByEcs(valueFrom, arn)) {
			return new ReferenceProblem(problem + ". ECS rejects it too", true);
		}
		String service = (arn != null && arn.service().equals("secretsmanager")) ? "Secrets Manager"
				: "Parameter Store";
		return new ReferenceProblem(
				problem + ". ECS would pass it on, and " + service + " would reject it with a ValidationException",
				false);
	}

	/**
	 * Returns whether the agent rejects the text, or does not find it in the answer. If a
	 * parameter is requested by its version or label, the answer has only its name.
	 */
	private static boolean isRefusedByEcs(String valueFrom, @Nullable Arn arn) {
		if (arn == null) {
			return valueFrom.startsWith(Arn.PREFIX) || hasSelector(valueFrom);
		}
		return switch (arn.service()) {
			case "ssm" -> arn.problem() == null && hasSelector(Parameter.nameIn(arn));
			case "secretsmanager" -> !List.of(2, 5).contains(parts(arn).length) || hasOnlyWrongKey(arn);
			default -> true;
		};
	}

	/**
	 * Returns whether only the JSON key is wrong. It is for ECS, so AWS does not refuse
	 * it.
	 */
	private static boolean hasOnlyWrongKey(Arn arn) {
		String[] parts = parts(arn);
		return arn.problem() == null && parts[0].equals(SecretsManagerSecret.RESOURCE) && !parts[1].isEmpty()
				&& ReferenceText.find(withoutJsonKey(arn)) == null;
	}

	private static boolean hasSelector(@Nullable String name) {
		int colon = (name != null) ? name.indexOf(':') : -1;
		return name != null && colon > 0 && Parameter.isName(name.substring(0, colon))
				&& Parameter.isName(name.substring(colon + 1)) && name.indexOf('/', colon) < 0;
	}

	private static String[] parts(Arn arn) {
		return arn.resource().split(":", -1);
	}

	private static String problem(String valueFrom, String written, @Nullable Arn arn) {
		String seenByAws = (arn != null) ? withoutJsonKey(arn) : valueFrom;
		String placeholder = ReferenceText.placeholder(seenByAws);
		if (placeholder == null) {
			placeholder = ReferenceText.template(valueFrom);
		}
		if (placeholder != null) {
			return written.contains(placeholder) ? "the placeholder " + placeholder + " has no value"
					: "the text has a placeholder without a value";
		}
		String fault = ReferenceText.fault(seenByAws);
		if (fault != null) {
			return "the text " + fault;
		}
		String tool = otherTool(valueFrom);
		if (tool != null) {
			return "this is " + tool + ", which ECS does not support; use the name of a parameter, or the ARN of a"
					+ " secret: " + SECRET_FORM;
		}
		return (arn != null) ? ofArn(arn) : ofName(valueFrom);
	}

	/**
	 * Returns a secret's ARN as AWS receives it. The JSON key is only for ECS.
	 */
	private static String withoutJsonKey(Arn arn) {
		String[] parts = parts(arn);
		return (parts.length != 5) ? arn.toString()
				: arn.withResource(String.join(":", parts[0], parts[1], parts[3], parts[4])).toString();
	}

	private static @Nullable String otherTool(String text) {
		String start = text.substring(0, Math.min(text.length(), 64)).toLowerCase(Locale.ROOT);
		for (Map.Entry<String, String> tool : OTHER_TOOLS.entrySet()) {
			if (start.startsWith(tool.getKey())) {
				return tool.getValue();
			}
		}
		return text.contains("://") ? "a URL" : text.contains(ReferenceText.DYNAMIC_REFERENCE)
				? OTHER_TOOLS.get(ReferenceText.DYNAMIC_REFERENCE) : null;
	}

	private static String ofArn(Arn arn) {
		String problem = arn.problem();
		if (problem != null) {
			return problem;
		}
		return switch (arn.service()) {
			case "ssm" -> ofParameterArn(arn);
			case "secretsmanager" -> ofSecretArn(arn);
			default -> "the ARN is for neither Parameter Store (ssm) nor Secrets Manager (secretsmanager)";
		};
	}

	private static String ofParameterArn(Arn arn) {
		String name = Parameter.nameIn(arn);
		if (name == null) {
			return "the ARN is not that of a parameter: arn:aws:ssm:REGION:ACCOUNT:parameter/NAME";
		}
		return name.startsWith(Parameter.SECRET_REFERENCE)
				? "a reference to a secret cannot be an ARN: begin with " + Parameter.SECRET_REFERENCE : ofName(name);
	}

	private static String ofSecretArn(Arn arn) {
		String[] parts = parts(arn);
		if (parts.length == 2 || parts.length == 5) {
			return parts[0].equals(SecretsManagerSecret.RESOURCE) ? "the ARN does not contain the name of a secret"
					: "the ARN is not that of a secret: " + SECRET_FORM;
		}
		return parts.length + ((parts.length == 1) ? " part follows" : " parts follow")
				+ " the account; ECS accepts secret:ID or secret:ID:JSON_KEY:VERSION_STAGE:VERSION_ID, where the"
				+ " last three may be empty, but their colons are required";
	}

	private static String ofName(String name) {
		int colon = name.indexOf(':');
		if (colon >= 0) {
			return ofSelector(name, colon);
		}
		if (name.isEmpty() || name.equals("/") || name.equals(Parameter.SECRET_REFERENCE)) {
			return "there is no name";
		}
		if (name.contains("//")) {
			return "the path of a parameter cannot have two slashes in a row";
		}
		if (name.endsWith("/")) {
			return "the path of a parameter cannot end with a slash";
		}
		if (name.indexOf('/') > 0) {
			return "the path of a parameter must begin with a slash";
		}
		return "the name of a parameter can contain only letters, digits and _.-, and slashes in a path";
	}

	private static String ofSelector(String name, int colon) {
		String start = name.substring(0, colon).toLowerCase(Locale.ROOT);
		if (start.equals("arn")) {
			return "the ARN is incomplete: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE";
		}
		if (start.equals("aws") || start.startsWith("aws-") || start.equals("secret")) {
			return "this is only a part of an ARN: an ARN begins with arn: and a partition";
		}
		if (hasSelector(name)) {
			return "the text ends with the version or label of a parameter, which ECS does not support; a JSON key"
					+ " needs a secret's ARN: " + SECRET_FORM;
		}
		return "a selector needs a secret's ARN, " + SECRET_FORM + "; a plain name refers to a parameter";
	}

}
