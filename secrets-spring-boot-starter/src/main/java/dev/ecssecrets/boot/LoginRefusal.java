// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

import org.springframework.util.PatternMatchUtils;
import org.springframework.util.StringUtils;

/**
 * How a server refuses a login. Databases do it by the SQLState and the error code that
 * their drivers report: the sources of the patterns are in {@code docs/rotation.md}.
 *
 * @since 0.1.0
 */
public enum LoginRefusal {

	// The first applies: SQL Server reports a failed login together with its reason.

	/**
	 * The account is locked or disabled, so no retry helps.
	 */
	LOCKED("HY000 3118, HY000 3955, HY000 4150, HY000 4151, * 18470, * 18486, 99999 28000, 99999 28051"),

	/**
	 * Refused for another reason, such as an expired password or a host that may not
	 * connect.
	 */
	OTHER("42501 0, 42000 1044, HY000 1129, HY000 1130, HY000 1820, S1000 1820, HY000 1862, S1000 1862,"
			+ " S* 4060, 08001 4060, * 18487, * 18488, 72000 1045, 99999 28001"),

	/**
	 * Wrong user or password, which a rotation explains.
	 */
	WRONG_PASSWORD("28* *, * 18456, 72000 1005, 72000 1017, 60000 9911, 08000 17079, 08004 -1403, 08001 -30082,"
			+ " 08004 40000");

	// SQLStates with codes, as 1045 is a wrong password in MySQL, but not in Oracle.
	private final String patterns;

	LoginRefusal(String patterns) {
		this.patterns = patterns;
	}

	String[] patterns() {
		return StringUtils.tokenizeToStringArray(this.patterns, ",");
	}

	/**
	 * Returns how a database refused a login.
	 * @param exception why there is no connection, with all that it is linked to
	 * @return the kind of refusal, or {@code null} if no login was refused
	 */
	public static @Nullable LoginRefusal of(SQLException exception) {
		for (LoginRefusal refusal : values()) {
			for (Throwable one : exception) {
				if (one instanceof SQLException ex && refusal.matches(ex)) {
					return refusal;
				}
			}
		}
		return null;
	}

	private boolean matches(SQLException exception) {
		return PatternMatchUtils.simpleMatch(patterns(), exception.getSQLState() + " " + exception.getErrorCode());
	}

}
