package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each configuration lets in whom it should, and nobody else. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RabbitConfigTest {
    @Test
    void withUserAndVhost_wantsThePassword_andLeadsToTheVhost() throws Exception {
        RabbitConfig config = RabbitConfig.plain()
                .withUser("alice", "s3\"cr\\et")
                .withUser("bob", "hunter2")
                .withVhost("a/b c")
                .withChannelMax(5)
                .withMaxMessageSize(1234);
        try (RabbitBroker broker = RabbitBrokers.open(config)) {
            assertThat(broker.url())
                    .isEqualTo("amqp://127.0.0.1:" + broker.address().getPort() + "/a%2Fb%20c");
            assertThatThrownBy(() -> login(broker, "alice", "hunter2"))
                    .isInstanceOf(AuthenticationFailureException.class);
            assertThatThrownBy(() -> login(broker, "guest", "guest"))
                    .isInstanceOf(AuthenticationFailureException.class);
            login(broker, "bob", "hunter2").close();
            try (PlainRabbit client = login(broker, "alice", "s3\"cr\\et")) {
                client.assertServed();
                assertThat(broker.inspector().state().connections("login"))
                        .extracting(RabbitState.Connection::vhost)
                        .contains("a/b c");
                assertThat(client.connection().getChannelMax()).isEqualTo(5);
                assertThatThrownBy(() -> client.store("some", "x".repeat(1235)))
                        .isInstanceOf(ShutdownSignalException.class)
                        .hasMessageContaining("1234");
            }
            broker.restart();
            login(broker, "alice", "s3\"cr\\et").close();
        }
    }

    @Test
    void withTls_showsACertificateOfOurAuthority() throws Exception {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withTls())) {
            assertThat(broker.url()).startsWith("amqps://");
            assertServes(broker, TestCertificates.trusting());
            assertThatThrownBy(() -> connect(broker, TestCertificates.trustingOther()))
                    .isInstanceOf(SSLHandshakeException.class);
            String plain = broker.url().replace("amqps://", "amqp://");
            assertThatThrownBy(() -> PlainRabbit.of(plain, "plain", factory -> {}))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void withTlsForOtherHost_isRefusedByOneWhoVerifiesTheHost() throws Exception {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withTlsForOtherHost())) {
            assertThatThrownBy(() -> connect(broker, TestCertificates.trusting()))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void withMutualTls_wantsACertificateOfOurAuthority() throws Exception {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withMutualTls())) {
            assertServes(broker, TestCertificates.withClientCertificate());
            assertThatThrownBy(() -> connect(broker, TestCertificates.trusting()))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> connect(broker, TestCertificates.withOtherClientCertificate()))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void withText_ofNonsense_failsWithWhatTheServerSaid() {
        assertThatThrownBy(() -> RabbitBrokers.open(RabbitConfig.plain().withText("no_such_thing = 1")))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("no_such_thing");
    }

    private static void assertServes(RabbitBroker broker, SSLContext context) throws Exception {
        try (PlainRabbit client = connect(broker, context)) {
            client.assertServed();
        }
    }

    private static PlainRabbit connect(RabbitBroker broker, SSLContext context) throws Exception {
        return PlainRabbit.of(broker.url(), "tls", factory -> {
            factory.useSslProtocol(context);
            factory.enableHostnameVerification();
        });
    }

    private static PlainRabbit login(RabbitBroker broker, String user, String password) throws Exception {
        return PlainRabbit.of(broker.url(), "login", factory -> {
            factory.setUsername(user);
            factory.setPassword(password);
        });
    }
}
