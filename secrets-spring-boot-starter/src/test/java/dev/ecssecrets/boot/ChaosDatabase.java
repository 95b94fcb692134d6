// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.boot;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.logging.Logger;

/**
 * Database that counts logins whose user and password are of different versions, and
 * refuses outdated ones. Its connections are those of H2.
 */
final class ChaosDatabase implements Driver {

	static final String URL = "jdbc:chaos:";

	/**
	 * How many versions before the current one are accepted.
	 */
	private static final int ACCEPTED = 3;

	final LongAdder accepted = new LongAdder();

	final LongAdder refused = new LongAdder();

	final LongAdder torn = new LongAdder();

	private final Driver h2 = new org.h2.Driver();

	private final IntSupplier version;

	ChaosDatabase(IntSupplier version) {
		this.version = version;
	}

	@Override
	public Connection connect(String url, Properties info) throws SQLException {
		int version = ChaosAws.versionOf(info.getProperty("user"));
		if (version != ChaosAws.versionOf(info.getProperty("password"))) {
			this.torn.increment();
		}
		if (version < this.version.getAsInt() - ACCEPTED) {
			this.refused.increment();
			throw new SQLException("Wrong user name or password", "28000");
		}
		this.accepted.increment();
		return this.h2.connect("jdbc:h2:mem:chaos;DB_CLOSE_DELAY=-1", new Properties());
	}

	@Override
	public boolean acceptsURL(String url) {
		return url.startsWith(URL);
	}

	@Override
	public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
		return new DriverPropertyInfo[0];
	}

	@Override
	public int getMajorVersion() {
		return 1;
	}

	@Override
	public int getMinorVersion() {
		return 0;
	}

	@Override
	public boolean jdbcCompliant() {
		return false;
	}

	@Override
	public Logger getParentLogger() throws SQLFeatureNotSupportedException {
		throw new SQLFeatureNotSupportedException();
	}

}
