package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.AuthenticationException;
import io.nats.client.JetStreamManagement;
import io.nats.client.NKey;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each configuration lets in whom it should, and nobody else. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NatsConfigTest {
    @Test
    void withUser_wantsThePassword() throws Exception {
        NatsConfig config = NatsConfig.plain().withUser("alice", "s3\"cr\\et").withUser("bob", "hunter2");
        try (NatsBroker broker = NatsBrokers.open(config)) {
            assertServes(broker, options -> options.userInfo("alice", "s3\"cr\\et"));
            assertServes(broker, options -> options.userInfo("bob", "hunter2"));
            assertUnauthorized(broker, options -> options.userInfo("alice", "hunter2"));
            assertUnauthorized(broker, options -> options);
        }
    }

    @Test
    void withToken_wantsTheToken() throws Exception {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withToken("t0ken"))) {
            assertServes(broker, options -> options.token("t0ken".toCharArray()));
            assertUnauthorized(broker, options -> options.token("other".toCharArray()));
            assertUnauthorized(broker, options -> options);
        }
    }

    @Test
    void withNkey_wantsTheKey() throws Exception {
        NKey known = NKey.createUser(new SecureRandom());
        NKey unknown = NKey.createUser(new SecureRandom());
        NatsConfig config = NatsConfig.plain().withNkey(new String(known.getPublicKey()));
        try (NatsBroker broker = NatsBrokers.open(config)) {
            assertServes(broker, options -> options.authHandler(Nats.staticCredentials(null, known.getSeed())));
            assertUnauthorized(broker, options -> options.authHandler(Nats.staticCredentials(null, unknown.getSeed())));
        }
    }

    @Test
    void withTls_showsACertificateOfOurAuthority() throws Exception {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withTls())) {
            assertThat(broker.url()).startsWith("nats+tls://");
            assertThat(broker.nativeUrl()).startsWith("tls://");
            assertServes(broker, ssl(TestCertificates.trusting()));
            assertRejected(broker, ssl(TestCertificates.trustingOther()));
            String plain = broker.nativeUrl().replace("tls://", "nats://");
            assertThatThrownBy(() -> connectOnce(plain, options -> options)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void withTls_restarts() throws Exception {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withTls().withToken("t"))) {
            broker.restart();
            assertServes(broker, options -> ssl(TestCertificates.trusting()).apply(options.token("t".toCharArray())));
        }
    }

    /** By hand, because the NATS client does not look at the host in the certificate. */
    @Test
    void withTlsForOtherHost_isRefusedByOneWhoVerifiesTheHost() throws Exception {
        try (NatsBroker good = NatsBrokers.open(NatsConfig.plain().withTls());
                NatsBroker other = NatsBrokers.open(NatsConfig.plain().withTlsForOtherHost())) {
            assertServes(other, ssl(TestCertificates.trusting()));
            verifyHost(good);
            assertThatThrownBy(() -> verifyHost(other))
                    .isInstanceOf(SSLHandshakeException.class)
                    .hasMessageContaining("127.0.0.1");
        }
    }

    @Test
    void withMutualTls_wantsACertificateOfOurAuthority() throws Exception {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withMutualTls())) {
            assertServes(broker, ssl(TestCertificates.withClientCertificate()));
            assertRejected(broker, ssl(TestCertificates.trusting()));
            assertRejected(broker, ssl(TestCertificates.withOtherClientCertificate()));
        }
    }

    @Test
    void withMaxPayload_isAnnounced() throws Exception {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withMaxPayload(1234));
                PlainClient client = PlainClient.of(broker)) {
            assertThat(client.nats().getMaxPayload()).isEqualTo(1234);
        }
    }

    @Test
    void withJetStream_keepsMessagesOverKill() throws Exception {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withJetStream())) {
            try (PlainClient client = PlainClient.of(broker)) {
                client.nats()
                        .jetStreamManagement()
                        .addStream(StreamConfiguration.builder()
                                .name("orders")
                                .subjects("orders.*")
                                .storageType(StorageType.File)
                                .build());
                client.nats().jetStream().publish("orders.1", "one".getBytes(UTF_8));
            }
            broker.kill();
            broker.start();
            try (PlainClient client = PlainClient.of(broker)) {
                JetStreamManagement streams = client.nats().jetStreamManagement();
                assertThat(streams.getMessage("orders", 1).getData())
                        .asString(UTF_8)
                        .isEqualTo("one");
            }
        }
    }

    @Test
    void plain_hasNoJetStream() throws Exception {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain());
                PlainClient client = PlainClient.of(broker)) {
            assertThat(client.nats().getServerInfo().isJetStreamAvailable()).isFalse();
        }
    }

    @Test
    void withPort_isFilledInAndServed() throws Exception {
        NatsConfig config = NatsConfig.plain()
                .withPort("websocket")
                .withText("websocket { listen: \"{{host}}:{{port:websocket}}\", no_tls: true }");
        try (NatsBroker broker = NatsBrokers.open(config)) {
            assertThat(broker.address("websocket")).isNotEqualTo(broker.address());
            String url = "ws://127.0.0.1:" + broker.address("websocket").getPort();
            try (PlainClient client = connectOnce(url, options -> options)) {
                client.assertServed();
            }
            assertThatThrownBy(() -> broker.address("leafnode")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void withText_ofNonsense_failsWithWhatTheServerSaid() {
        assertThatThrownBy(() -> NatsBrokers.open(NatsConfig.plain().withText("no_such_thing: 1")))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("no_such_thing");
    }

    @Test
    void with_leavesTheOriginalAlone() throws Exception {
        NatsConfig plain = NatsConfig.plain();
        plain.withToken("t0ken");
        try (NatsBroker broker = NatsBrokers.open(plain)) {
            assertServes(broker, options -> options);
        }
    }

    private static void verifyHost(NatsBroker broker) throws IOException {
        InetSocketAddress address = broker.address();
        try (Socket plain = new Socket(address.getAddress(), address.getPort())) {
            // The greeting comes before TLS, in one line.
            for (int next = plain.getInputStream().read();
                    next != '\n';
                    next = plain.getInputStream().read()) {
                assertThat(next).isNotEqualTo(-1);
            }
            try (SSLSocket socket = (SSLSocket) TestCertificates.trusting()
                    .getSocketFactory()
                    .createSocket(plain, "127.0.0.1", address.getPort(), true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
            }
        }
    }

    private static UnaryOperator<Options.Builder> ssl(SSLContext context) {
        return options -> options.sslContext(context);
    }

    private static void assertServes(NatsBroker broker, UnaryOperator<Options.Builder> identity) throws Exception {
        try (PlainClient client = connectOnce(broker.nativeUrl(), identity)) {
            client.assertServed();
        }
    }

    private static void assertUnauthorized(NatsBroker broker, UnaryOperator<Options.Builder> identity) {
        assertThatThrownBy(() -> connectOnce(broker.nativeUrl(), identity)).isInstanceOf(AuthenticationException.class);
    }

    private static void assertRejected(NatsBroker broker, UnaryOperator<Options.Builder> identity) {
        assertThatThrownBy(() -> connectOnce(broker.nativeUrl(), identity)).isInstanceOf(IOException.class);
    }

    /** To be refused takes this client the whole connection timeout. */
    private static PlainClient connectOnce(String url, UnaryOperator<Options.Builder> identity) throws Exception {
        return PlainClient.of(
                url, options -> identity.apply(options).noReconnect().connectionTimeout(Duration.ofSeconds(1)));
    }
}
