// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.ecssecrets.SecretFailure;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;

/**
 * A key under {@code ecs-secrets} in a configuration file that is none of ours, or a
 * group of such keys. Other sources are not looked at: ECS sets variables of its own that
 * begin like ours.
 *
 * @param name the key
 * @param origin where it stands
 * @param meant the key that was probably meant, or {@code null} if none is near
 */
record UnknownKey(ConfigurationPropertyName name, @Nullable Origin origin, @Nullable String meant) {

	private static final int MAX_EDITS = 2;

	/**
	 * The keys by their uniform form.
	 */
	private static final Map<String, String> KEYS = new LinkedHashMap<>();

	/**
	 * The first key of each group by the group's uniform form.
	 */
	private static final Map<String, String> GROUPS = new LinkedHashMap<>();

	static {
		addKeys("", SecretsProperties.class);
		// Of the Actuator and of the test module.
		addKey("actuator.mask");
		addKey("actuator.maximum-age");
		addKey("test.allow-aws");
	}

	static List<UnknownKey> find(Environment environment) {
		ConfigurationPropertySource list = SecretsPropertiesBinder.source(environment);
		Object listed = (list != null) ? list.getUnderlyingSource() : null;
		Map<ConfigurationPropertyName, UnknownKey> unknown = new LinkedHashMap<>();
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source.getUnderlyingSource() instanceof OriginTrackedMapPropertySource file) {
				find((IterableConfigurationPropertySource) source, file == listed, unknown);
			}
		}
		return List.copyOf(unknown.values());
	}

	private static void find(IterableConfigurationPropertySource source, boolean listed,
			Map<ConfigurationPropertyName, UnknownKey> unknown) {
		for (ConfigurationPropertyName name : source) {
			if (!SecretsPropertiesBinder.PREFIX.isAncestorOf(name)
					|| (!listed && SecretsPropertiesBinder.SECRETS.isAncestorOf(name))) {
				continue;
			}
			ConfigurationPropertyName group = isWithoutDash(name) ? SecretsPropertiesBinder.SECRETS
					: unknownGroup(name);
			ConfigurationProperty property = (group != null) ? source.getConfigurationProperty(name) : null;
			// A key without a value may be a group that is yet to be filled.
			if (group != null && property != null && (isWithoutDash(name) || !"".equals(property.getValue()))) {
				unknown.computeIfAbsent(group, (key) -> new UnknownKey(key, property.getOrigin(),
						isWithoutDash(name) ? null : meant(path(key, key.getNumberOfElements()))));
			}
		}
	}

	/**
	 * Returns the shortest part of a name that begins none of our keys, so that one typo
	 * is one mistake however many keys are below it.
	 */
	private static @Nullable ConfigurationPropertyName unknownGroup(ConfigurationPropertyName name) {
		int elements = name.getNumberOfElements();
		for (int size = SecretsPropertiesBinder.PREFIX.getNumberOfElements() + 1; size < elements; size++) {
			if (!GROUPS.containsKey(path(name, size))) {
				return name.chop(size);
			}
		}
		return KEYS.containsKey(path(name, elements)) ? null : name;
	}

	private static String path(ConfigurationPropertyName name, int size) {
		StringBuilder path = new StringBuilder();
		for (int i = SecretsPropertiesBinder.PREFIX.getNumberOfElements(); i < size; i++) {
			if (!name.isNumericIndex(i)) {
				path.append(path.isEmpty() ? "" : ".").append(name.getElement(i, Form.UNIFORM));
			}
		}
		return path.toString();
	}

	private static void addKeys(String prefix, Class<?> type) {
		for (RecordComponent component : type.getRecordComponents()) {
			String key = prefix + DataObjectPropertyName.toDashedForm(component.getName());
			Class<?> nested = (component.getGenericType() instanceof ParameterizedType list)
					? (Class<?>) list.getActualTypeArguments()[0] : component.getType();
			if (nested.isRecord()) {
				addKeys(key + ".", nested);
			}
			else {
				addKey(key);
			}
		}
	}

	private static void addKey(String key) {
		String uniform = key.replace("-", "");
		KEYS.put(uniform, key);
		int group = uniform.lastIndexOf('.');
		if (group != -1) {
			GROUPS.putIfAbsent(uniform.substring(0, group), key);
		}
	}

	/**
	 * Returns the key or the group that was probably meant: one that is written nearly
	 * so, one that this is only the end of, or the first key of this group.
	 */
	private static @Nullable String meant(String path) {
		String meant = GROUPS.get(path);
		int fewest = MAX_EDITS + 1;
		for (Map.Entry<String, String> key : KEYS.entrySet()) {
			int edits = edits(key.getKey(), path);
			if (edits < fewest) {
				meant = key.getValue();
				fewest = edits;
			}
			else if (meant == null && key.getKey().endsWith("." + path)) {
				meant = key.getValue();
			}
		}
		for (String group : GROUPS.keySet()) {
			int edits = edits(group, path);
			if (edits > 0 && edits < fewest) {
				meant = group;
				fewest = edits;
			}
		}
		return meant;
	}

	private static int edits(String left, String right) {
		int[] row = new int[right.length() + 1];
		for (int j = 0; j <= right.length(); j++) {
			row[j] = j;
		}
		for (int i = 1; i <= left.length(); i++) {
			int diagonal = row[0];
			row[0] = i;
			for (int j = 1; j <= right.length(); j++) {
				int replaced = diagonal + ((left.charAt(i - 1) == right.charAt(j - 1)) ? 0 : 1);
				diagonal = row[j];
				row[j] = Math.min(replaced, Math.min(row[j - 1], row[j]) + 1);
			}
		}
		return row[right.length()];
	}

	private static boolean isWithoutDash(ConfigurationPropertyName name) {
		int element = SecretsPropertiesBinder.SECRETS.getNumberOfElements();
		return name.getNumberOfElements() > element && !name.isNumericIndex(element)
				&& SecretsPropertiesBinder.SECRETS.isAncestorOf(name);
	}

	/**
	 * Returns whether it is one of ours that was written wrongly.
	 */
	boolean isMistake() {
		return this.meant != null || this.name.equals(SecretsPropertiesBinder.SECRETS);
	}

	SecretFailure failure() {
		return new SecretFailure(this.name.toString(), (this.origin != null) ? this.origin.toString() : null,
				ConfigurationReason.UNKNOWN_KEY,
				(this.meant != null) ? "did you mean '" + SecretsPropertiesBinder.PREFIX + "." + this.meant + "'?"
						: SecretsPropertiesBinder.SECRETS + " is a list: put a dash before each name");
	}

	@Override
	public String toString() {
		String place = "'" + this.name + "'" + ((this.origin != null) ? " at " + this.origin : "");
		return (this.meant != null)
				? place + "; did you mean '" + this.meant.substring(this.meant.lastIndexOf('.') + 1) + "'?" : place;
	}

}
