// SPDX-License-Identifier: Apache-2.0

package dev.ecssecrets.samples.clients;

import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ExecutionException;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.OperationType;
import com.unboundid.util.ObjectPair;
import com.unboundid.util.ssl.TrustAllTrustManager;
import com.unboundid.util.ssl.cert.PublicKeyAlgorithmIdentifier;
import com.unboundid.util.ssl.cert.SignatureAlgorithmIdentifier;
import dev.ecssecrets.boot.Secrets;
import dev.ecssecrets.boot.test.TestSecrets;
import dev.ecssecrets.test.InMemorySecretStore;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.amqp.AmqpAuthenticationException;
import org.springframework.amqp.rabbit.config.DirectRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.DirectMessageListenerContainer;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServer;
import org.springframework.context.Lifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.ProducerFactory;
import org.springframework.kafka.listener.ConcurrentMessageListenerContainer;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.ldap.AuthenticationException;
import org.springframework.ldap.core.LdapTemplate;
import org.springframework.mail.MailAuthenticationException;
import org.springframework.mail.MailSender;
import org.springframework.mail.SimpleMailMessage;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import org.springframework.test.context.DynamicPropertyRegistrar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Secrets change while the application runs, and the next login has the new ones.
 */
@SpringBootTest(webEnvironment = WebEnvironment.NONE,
		properties = { "ecs-secrets.refresh.min-interval=0s", "spring.rabbitmq.host=127.0.0.1",
				"spring.mail.host=127.0.0.1", "spring.kafka.security.protocol=SASL_PLAINTEXT",
				"spring.kafka.consumer.group-id=tests", "spring.kafka.listener.auth-exception-retry-interval=100ms" })
@TestSecrets({ "RABBITMQ_USER=user-1", "RABBITMQ_PASSWORD=canary-1", "MAIL_USER=user-1", "MAIL_PASSWORD=canary-1",
		"LDAP_USER=uid=user-1,dc=example,dc=com", "LDAP_PASSWORD=canary-1", "KAFKA_USER=user-1",
		"KAFKA_PASSWORD=canary-1", "TLS_CERTIFICATE=canary", "TLS_PRIVATE_KEY=canary" })
@ExtendWith(OutputCaptureExtension.class)
class OtherClientsApplicationTests {

	@Autowired
	private Secrets secrets;

	@Autowired
	private InMemorySecretStore store;

	@AfterEach
	void printsNoSecret(CapturedOutput output) {
		assertThat(output).doesNotContain("canary");
	}

	@Test
	void startWarnsOfNoClient(CapturedOutput output) {
		assertThat(output).doesNotContain("A refresh of secrets does not reach");
	}

	@Test
	void rabbitMqLogsInWithCurrentUserAndPassword(@Autowired ConnectionFactory factory,
			@Autowired RabbitMqServer server) {
		for (int version = 2; version <= 3; version++) {
			rotate("rabbitmq", "user-" + version, "canary-" + version);
			assertThatExceptionOfType(AmqpAuthenticationException.class).isThrownBy(factory::createConnection);
			assertThat(server.logins).last().isEqualTo("user-" + version + ":canary-" + version);
		}
	}

	@Test
	void rabbitMqListenerThatWasRefusedLogsInWithCurrentUserAndPassword(
			@Autowired DirectRabbitListenerContainerFactory factory, @Autowired RabbitMqServer server) {
		DirectMessageListenerContainer container = factory.createListenerContainer();
		container.setQueueNames("any");
		container.setRecoveryInterval(100);
		container.setMessageListener((message) -> {
		});
		keepsLoggingIn(container, "rabbitmq", server);
	}

	private void keepsLoggingIn(Lifecycle listener, String secret, LoginServer server) {
		listener.start();
		try {
			for (int version = 2; version <= 3; version++) {
				rotate(secret, "user-" + version, "canary-" + version);
				String login = "user-" + version + ":canary-" + version;
				await().until(() -> server.logins.contains(login));
				server.logins.clear();
			}
		}
		finally {
			listener.stop();
		}
	}

	private void rotate(String secret, String user, String password) {
		put(secret, "username", user);
		put(secret, "password", password);
		this.secrets.refresh();
	}

	private void put(String secret, String key, String value) {
		String name = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:" + secret;
		this.store.put(name + ":" + key + "::", value);
	}

	@Test
	void mailIsSentWithCurrentUserAndPassword(@Autowired JavaMailSenderImpl sender, @Autowired GreenMail server) {
		server.setUser("to@example.com", "user-1", "canary-1");
		sendAndReceive(sender, server);
		for (int version = 2; version <= 3; version++) {
			String user = "user-" + version;
			server.getUserManager().deleteUser(server.getUserManager().getUser("user-" + (version - 1)));
			server.setUser("to@example.com", user, "canary-" + version);
			assertThatExceptionOfType(MailAuthenticationException.class).isThrownBy(() -> send(sender));
			rotate("mail", user, "canary-" + version);
			await().until(() -> user.equals(sender.getUsername()));
			sendAndReceive(sender, server);
		}
	}

	private static void sendAndReceive(MailSender sender, GreenMail server) {
		send(sender);
		assertThat(server.getReceivedMessages()).hasSize(1);
	}

	private static void send(MailSender sender) {
		SimpleMailMessage message = new SimpleMailMessage();
		message.setFrom("from@example.com");
		message.setTo("to@example.com");
		message.setText("Hello");
		sender.send(message);
	}

	@Test
	void ldapBindsWithCurrentUserAndPassword(@Autowired LdapTemplate ldap, @Autowired InMemoryDirectoryServer server)
			throws Exception {
		addLdapUser(server, 1);
		ldap.lookup("uid=user-1");
		for (int version = 2; version <= 3; version++) {
			String name = "uid=user-" + version;
			server.delete("uid=user-" + (version - 1) + ",dc=example,dc=com");
			addLdapUser(server, version);
			assertThatExceptionOfType(AuthenticationException.class).isThrownBy(() -> ldap.lookup(name));
			rotate("ldap", name + ",dc=example,dc=com", "canary-" + version);
			ldap.lookup(name);
		}
	}

	private static void addLdapUser(InMemoryDirectoryServer server, int version) throws Exception {
		server.add("dn: uid=user-" + version + ",dc=example,dc=com", "objectClass: inetOrgPerson", "cn: user",
				"sn: user", "userPassword: canary-" + version);
	}

	@Test
	void kafkaProducerLogsInWithCurrentUserAndPassword(@Autowired ProducerFactory<?, ?> factory,
			@Autowired KafkaServer server) {
		try (Producer<?, ?> producer = factory.createProducer()) {
			logsInToKafka(server, () -> producer.partitionsFor("any"));
		}
	}

	@Test
	void kafkaConsumerLogsInWithCurrentUserAndPassword(@Autowired ConsumerFactory<?, ?> factory,
			@Autowired KafkaServer server) {
		try (Consumer<?, ?> consumer = factory.createConsumer()) {
			logsInToKafka(server, () -> consumer.partitionsFor("any"));
		}
	}

	@Test
	void kafkaAdminLogsInWithCurrentUserAndPassword(@Autowired KafkaAdmin admin, @Autowired KafkaServer server) {
		try (Admin client = Admin.create(admin.getConfigurationProperties())) {
			logsInToKafka(server, () -> {
				try {
					client.listTopics().names().get();
				}
				catch (ExecutionException ex) {
					throw ex.getCause();
				}
			});
		}
	}

	@Test
	void kafkaListenerThatWasRefusedLogsInWithCurrentUserAndPassword(
			@Autowired ConcurrentKafkaListenerContainerFactory<Object, Object> factory, @Autowired KafkaServer server) {
		ConcurrentMessageListenerContainer<Object, Object> container = factory.createContainer("any");
		container.setupMessageListener((MessageListener<Object, Object>) (message) -> {
		});
		keepsLoggingIn(container, "kafka", server);
	}

	private void logsInToKafka(KafkaServer server, ThrowingCallable call) {
		for (int version = 2; version <= 3; version++) {
			rotate("kafka", "user-" + version, "canary-" + version);
			String login = "user-" + version + ":canary-" + version;
			// A login may be in progress.
			await().untilAsserted(() -> {
				assertThatExceptionOfType(SaslAuthenticationException.class).isThrownBy(call);
				assertThat(server.logins).last().isEqualTo(login);
			});
		}
	}

	@Test
	void serverHasCurrentCertificate(@Autowired SslBundles bundles) throws Exception {
		rotateCertificate("cn=first");
		await().ignoreExceptions().until(() -> bundles.getBundle("server").getStores().getKeyStore() != null);
		TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
		factory.setSsl(Ssl.forBundle("server"));
		factory.setSslBundles(bundles);
		WebServer server = factory.getWebServer();
		try {
			server.start();
			assertThat(certificateOf(server)).isEqualTo("CN=first");
			rotateCertificate("cn=second");
			await().until(() -> certificateOf(server).equals("CN=second"));
		}
		finally {
			server.stop();
			server.destroy();
		}
	}

	private void rotateCertificate(String name) throws Exception {
		long now = System.currentTimeMillis();
		ObjectPair<com.unboundid.util.ssl.cert.X509Certificate, KeyPair> certificate = com.unboundid.util.ssl.cert.X509Certificate
			.generateSelfSignedCertificate(SignatureAlgorithmIdentifier.SHA_256_WITH_RSA,
					PublicKeyAlgorithmIdentifier.RSA, 2048, new DN(name), now, now + Duration.ofDays(1).toMillis());
		put("tls", "certificate", certificate.getFirst().toPEMString());
		put("tls", "private-key",
				"-----BEGIN PRIVATE KEY-----\n"
						+ Base64.getMimeEncoder().encodeToString(certificate.getSecond().getPrivate().getEncoded())
						+ "\n-----END PRIVATE KEY-----\n");
		this.secrets.refresh();
	}

	private static String certificateOf(WebServer server) throws Exception {
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, new TrustManager[] { new TrustAllTrustManager() }, null);
		try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.getPort())) {
			X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
			return certificate.getSubjectX500Principal().getName();
		}
	}

	@TestConfiguration(proxyBeanMethods = false)
	static class Servers {

		@Bean
		RabbitMqServer rabbitMqServer() throws IOException {
			return new RabbitMqServer();
		}

		@Bean
		KafkaServer kafkaServer() throws IOException {
			return new KafkaServer();
		}

		@Bean(initMethod = "start", destroyMethod = "stop")
		GreenMail mailServer() {
			return new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
		}

		@Bean(initMethod = "startListening", destroyMethod = "close")
		InMemoryDirectoryServer ldapServer() throws Exception {
			InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
			config.setListenerConfigs(InMemoryListenerConfig.createLDAPConfig("ldap", 0));
			config.setAuthenticationRequiredOperationTypes(OperationType.SEARCH);
			InMemoryDirectoryServer server = new InMemoryDirectoryServer(config);
			server.add("dn: dc=example,dc=com", "objectClass: domain");
			return server;
		}

		@Bean
		DynamicPropertyRegistrar ports(RabbitMqServer rabbitMq, KafkaServer kafka, GreenMail mail,
				InMemoryDirectoryServer ldap) {
			return (registry) -> {
				registry.add("spring.rabbitmq.port", rabbitMq::port);
				registry.add("spring.kafka.bootstrap-servers", () -> "127.0.0.1:" + kafka.port());
				registry.add("spring.mail.port", () -> mail.getSmtp().getPort());
				registry.add("spring.ldap.urls", () -> "ldap://127.0.0.1:" + ldap.getListenPort());
			};
		}

	}

}
