package dev.ecssecrets.samples.rotating;

import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.ecssecrets.localstack.LocalStack;
import dev.ecssecrets.samples.rotating.Rotation.Strategy;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.util.StringUtils;

/**
 * The application with a PostgreSQL and a LocalStack of its own, and a rotation every 15
 * seconds.
 */
public final class TestRotatingDatabaseApplication {

	private static final Log logger = LogFactory.getLog(TestRotatingDatabaseApplication.class);

	private TestRotatingDatabaseApplication() {
	}

	public static void main(String[] args) throws SQLException, InterruptedException {
		LocalStack localStack = LocalStack.get();
		RotatingDatabase database = new RotatingDatabase(PostgreSql.start(), localStack, "rotating-database");
		database.runApplication(
				StringUtils.concatenateStringArrays(new String[] { "--ecs-secrets.refresh.interval=5s" }, args));
		Rotation rotation = database.rotation(Strategy.ALTERNATING_USERS, () -> {
		});
		while (!new CountDownLatch(1).await(15, TimeUnit.SECONDS)) {
			logger.info("The secret has been rotated, and has the user " + rotation.rotate().user());
		}
	}

}
