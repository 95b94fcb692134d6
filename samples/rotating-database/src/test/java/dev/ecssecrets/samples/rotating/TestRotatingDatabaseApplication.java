// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.rotating;

import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import dev.ecssecrets.servers.DatabaseServer.Engine;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.util.StringUtils;

/**
 * The application with a database and a LocalStack of its own, and a rotation every 15
 * seconds. The database is a PostgreSQL, or a MariaDB with {@code --engine=mariadb}.
 */
public final class TestRotatingDatabaseApplication {

	private static final Log logger = LogFactory.getLog(TestRotatingDatabaseApplication.class);

	private TestRotatingDatabaseApplication() {
	}

	public static void main(String[] args) throws SQLException, InterruptedException {
		String engine = new SimpleCommandLinePropertySource(args).getProperty("engine");
		RotatingDatabase database = new RotatingDatabase(
				(engine != null) ? Engine.valueOf(engine.toUpperCase(Locale.ROOT)) : Engine.POSTGRES,
				"rotating-database");
		database.runApplication(
				StringUtils.concatenateStringArrays(new String[] { "--ecs-secrets.refresh.interval=5s" }, args));
		Rotation rotation = database.rotation(Strategy.ALTERNATING_USERS, () -> {
		});
		while (!new CountDownLatch(1).await(15, TimeUnit.SECONDS)) {
			logger.info("The secret has been rotated, and has the user " + rotation.rotate().user());
		}
	}

}
