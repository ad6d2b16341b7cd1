package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a broker that these tests started can do, be it a process or a container. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NatsBrokerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final NatsBroker broker = NatsBrokers.open(NatsConfig.plain());

    @AfterEach
    void closeBroker() {
        broker.close();
    }

    @Test
    void open_startsABrokerThatServesClients() throws Exception {
        try (PlainClient client = PlainClient.of(broker)) {
            client.assertServed();
            assertThat(client.nats().getServerInfo().getVersion()).isEqualTo(broker.version());
        }
        assertThat(broker.url())
                .isEqualTo("nats://127.0.0.1:" + broker.address().getPort());
        assertThat(broker.origin()).matches("(native|docker) .*nats.*");
    }

    @Test
    void open_twice_givesBrokersThatDoNotKnowEachOther() throws Exception {
        try (NatsBroker other = NatsBrokers.open(NatsConfig.plain());
                PlainClient here = PlainClient.of(broker);
                PlainClient there = PlainClient.of(other)) {
            assertThat(other.address()).isNotEqualTo(broker.address());
            assertThat(here.serverId()).isNotEqualTo(there.serverId());
        }
    }

    @Test
    void restart_tenTimes_keepsTheAddress() throws Exception {
        InetSocketAddress address = broker.address();
        try (PlainClient client = PlainClient.of(broker)) {
            for (int i = 0; i < 10; i++) {
                String before = client.serverId();
                broker.restart();
                assertThat(broker.address()).isEqualTo(address);
                await().atMost(LIMIT).until(() -> !client.serverId().equals(before));
                await().atMost(LIMIT).until(() -> client.connected());
                client.assertServed();
            }
        }
    }

    @Test
    void stop_refusesClientsUntilStarted() throws Exception {
        try (Socket open = greeted()) {
            broker.stop();
            assertEnded(open);
        }
        assertThatThrownBy(() -> socket(broker.address())).isInstanceOf(ConnectException.class);
        broker.stop();
        broker.start();
        broker.start();
        greeted().close();
    }

    @Test
    void kill_refusesClientsUntilStarted() throws Exception {
        try (Socket open = greeted()) {
            broker.kill();
            assertEnded(open);
        }
        assertThatThrownBy(() -> socket(broker.address())).isInstanceOf(ConnectException.class);
        broker.kill();
        broker.start();
        greeted().close();
    }

    @Test
    void pause_keepsConnectionsAndAnswersNothing() throws Exception {
        try (PlainClient client = PlainClient.of(broker)) {
            broker.pause();
            CompletableFuture<Duration> roundTrip = CompletableFuture.supplyAsync(() -> rtt(client));
            assertThatThrownBy(() -> roundTrip.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(client.connected()).isTrue();
            broker.resume();
            assertThat(roundTrip.get(30, TimeUnit.SECONDS)).isGreaterThan(Duration.ofMillis(100));
            client.assertServed();
        }
    }

    @Test
    void stop_whilePaused_stops() {
        broker.pause();
        broker.stop();
        assertThatThrownBy(() -> socket(broker.address())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(broker::pause).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void proxiedUrl_leadsThroughTheProxy() throws Exception {
        try (PlainClient client = PlainClient.of(broker.proxiedUrl(), options -> options)) {
            client.assertServed();
            assertThat(broker.proxy().openLinks()).isEqualTo(1);
            broker.proxy().cut(Cut.RESET);
            await().atMost(LIMIT)
                    .until(() ->
                            !client.connected() || client.nats().getStatistics().getReconnects() > 0);
            await().atMost(LIMIT).until(() -> client.connected());
            client.assertServed();
        }
    }

    @Test
    void close_endsTheBrokerForGood() {
        broker.proxy();
        broker.close();
        assertThatThrownBy(() -> socket(broker.address())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> socket(broker.proxy().address())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(broker::start).isInstanceOf(IllegalStateException.class);
        broker.close();
    }

    @Test
    void end_ofTheJvm_endsTheBroker() throws Exception {
        Process jvm = ChildJvm.start(ChildJvm.OfNats.class);
        try {
            int port = Integer.parseInt(ChildJvm.lines(jvm, 1).get(0));
            InetSocketAddress address = LoopbackPorts.address(port);
            assertThat(NatsGreeting.ask(address)).isPresent();
            jvm.destroyForcibly().waitFor();
            await().atMost(LIMIT).until(() -> NatsGreeting.ask(address).isEmpty());
            assertThatThrownBy(() -> socket(address)).isInstanceOf(ConnectException.class);
        } finally {
            jvm.destroyForcibly();
        }
    }

    private static Socket socket(InetSocketAddress address) throws IOException {
        return new Socket(address.getAddress(), address.getPort());
    }

    /** A connection that the broker itself, and not only something in front of it, has accepted. */
    private Socket greeted() throws IOException {
        Socket socket = socket(broker.address());
        assertThat(socket.getInputStream().readNBytes(5)).isEqualTo("INFO ".getBytes(UTF_8));
        return socket;
    }

    private static void assertEnded(Socket socket) {
        try {
            socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    private static Duration rtt(PlainClient client) {
        try {
            return client.nats().RTT();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
