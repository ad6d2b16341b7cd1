package dev.antiphon.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConfigurationException;
import dev.antiphon.ErrorCode;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.NatsBroker;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.NatsConfig;
import dev.antiphon.conformance.broker.TcpProxy;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportConfig.Address;
import dev.antiphon.spi.TransportProvider;
import io.nats.client.NKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NatsConnectTest {

    /** So long that whoever waits for it is found out. */
    private static final Map<String, String> PATIENT = Map.of("connect-timeout", "15s");

    private static final Duration QUICK = Duration.ofSeconds(5);

    private final Links links = new Links();
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void start_whenNobodyListens_failsNotConnectedAndNamesTheAddresses() throws IOException {
        Address free = freePort();
        Address other = freePort();
        Transport transport = links.create("nats", List.of(free, other), null, null, Map.of());
        AntiphonException failure = Links.failureOf(transport.start(recorder));
        assertThat(failure.code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(failure).hasMessageContaining(free.toString()).hasMessageContaining(other.toString());
        assertThat(failure).hasMessageContaining("refused").hasCauseInstanceOf(IOException.class);
        assertThat(recorder.calls()).isEmpty();
    }

    @Test
    void start_whenOneOfTwoServersIsThere_connectsToIt() throws IOException {
        Address there = Links.address(NatsBrokers.shared().address());
        Transport transport = links.create("nats", List.of(freePort(), there), null, null, Map.of());
        Links.await(transport.start(recorder));
        await().untilAsserted(() -> assertThat(recorder.calls()).containsExactly("CONNECTED"));
        assertThat(transport.capabilities().limits().maxBodyBytes()).isEqualTo(1024 * 1024);
    }

    @Test
    void start_whenTheServerNeverSpeaks_failsInTheTimeGiven() {
        try (TcpProxy proxy = TcpProxy.open(NatsBrokers.shared().address())) {
            proxy.acceptSilently();
            Transport transport = links.create(proxy.address(), Map.of("connect-timeout", "300ms"));
            assertThat(Links.failureOf(quickly(transport)).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        }
    }

    @Test
    void close_duringTheStart_failsTheStartAndReturnsSoon() {
        try (TcpProxy proxy = TcpProxy.open(NatsBrokers.shared().address())) {
            proxy.acceptSilently();
            Transport transport = links.create(proxy.address(), PATIENT);
            CompletionStage<Void> start = transport.start(recorder);
            await().until(() -> proxy.openLinks() == 1);
            long begin = System.nanoTime();
            transport.close(Links.LIMIT);
            assertThat(Links.failureOf(start).code()).isEqualTo(ErrorCode.CLOSED);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(QUICK);
            await().untilAsserted(() -> assertThat(links.threads()).isEmpty());
        }
    }

    @Test
    void start_withWrongCredentials_failsAtOnceAndShowsNoSecret() {
        try (NatsBroker broker =
                NatsBrokers.open(NatsConfig.plain().withUser("alice", "right").withUser("bob", "other"))) {
            Address address = Links.address(broker.address());
            assertRefused(links.create("nats", List.of(address), "alice", "wr0ng", PATIENT));
            assertRefused(links.create("nats", List.of(address), null, null, PATIENT));
            assertRefused(links.create("nats", List.of(address), "t0ken", null, PATIENT));
            Links.await(links.create("nats", List.of(address), "alice", "right", PATIENT)
                    .start(recorder));
            assertThat(broker.inspector().connections()).hasSize(1);
        }
    }

    @Test
    void start_withAToken_inTheUrlOrAsAnOption() {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withToken("t0ken"))) {
            Address address = Links.address(broker.address());
            Links.await(links.create("nats", List.of(address), "t0ken", null, PATIENT)
                    .start(recorder));
            Links.await(links.create("nats", List.of(address), null, null, Map.of("token", "t0ken"))
                    .start(recorder));
            assertRefused(links.create(
                    "nats", List.of(address), null, null, Map.of("token", "wr0ng", "connect-timeout", "15s")));
        }
    }

    @Test
    void start_withAnNkey_signsWhatTheServerAsks() throws Exception {
        NKey user = NKey.createUser(new SecureRandom());
        NKey stranger = NKey.createUser(new SecureRandom());
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain().withNkey(new String(user.getPublicKey())))) {
            String seed = new String(user.getSeed());
            Links.await(
                    links.create(broker.address(), Map.of("nkey-seed", seed)).start(recorder));
            assertRefused(links.create(
                    broker.address(), Map.of("nkey-seed", new String(stranger.getSeed()), "connect-timeout", "15s")));
        }
    }

    @Test
    void start_withACredentialsFile_sendsWhatIsInIt(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("user.creds");
        Map<String, String> options = Map.of("credentials", file.toString(), "connect-timeout", "15s");
        NatsBroker broker = NatsBrokers.shared();
        assertThat(Links.failureOf(links.create(broker.address(), options).start(recorder)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT))
                .hasMessageContaining(file.toString());
        String seed = new String(NKey.createUser(new SecureRandom()).getSeed());
        Files.writeString(
                file,
                "-----BEGIN NATS USER JWT-----\nno.jwt.really\n------END NATS USER JWT------\n\n"
                        + "-----BEGIN USER NKEY SEED-----\n" + seed + "\n------END USER NKEY SEED------\n");
        try (NatsBroker secured = NatsBrokers.open(NatsConfig.plain().withUser("a", "b"))) {
            assertRefused(links.create(secured.address(), options));
        }
    }

    @Test
    void create_withOptionsThatMakeNoSense_namesAllProblemsAndNoSecret() {
        Map<String, String> options = Map.of(
                "token",
                "t0psecret",
                "nkey-seed",
                "SUPERSECRET",
                "trust-store",
                "x",
                "inbox-prefix",
                "a b",
                "ping-interval",
                "0s");
        assertThatThrownBy(() -> new NatsTransportProvider()
                        .create(new TransportConfig(
                                "nats", List.of(new Address("h", -1)), "path", "u", "p", "test", options)))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(6))
                .hasMessageNotContaining("SECRET")
                .hasMessageNotContaining("t0psecret");
    }

    @Test
    void provider_isFoundByServiceLoader() {
        assertThat(ServiceLoader.load(TransportProvider.class)).hasAtLeastOneElementOfType(NatsTransportProvider.class);
    }

    private void assertRefused(Transport transport) {
        AntiphonException failure = Links.failureOf(quickly(transport));
        assertThat(failure.code()).isEqualTo(ErrorCode.AUTHENTICATION);
        assertThat(failure).hasMessageNotContaining("wr0ng").hasMessageNotContaining("t0ken");
        assertThat(failure.retryable()).isFalse();
    }

    private CompletionStage<Void> quickly(Transport transport) {
        long begin = System.nanoTime();
        CompletionStage<Void> start = transport.start(recorder);
        Links.failureOf(start);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(QUICK);
        return start;
    }

    private static Address freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Address("127.0.0.1", socket.getLocalPort());
        }
    }
}
