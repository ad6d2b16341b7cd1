package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AuthenticationFailureException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.SocketFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a broker that these tests started can do, be it a process or a container. All share one: it takes seconds to start. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RabbitBrokerTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static RabbitBroker broker;

    @BeforeAll
    static void openBroker() {
        broker = RabbitBrokers.open(RabbitConfig.plain());
    }

    @AfterAll
    static void closeBroker() {
        broker.close();
    }

    @BeforeEach
    void startBroker() {
        broker.start();
    }

    @Test
    void open_startsABrokerThatServesClients() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            client.assertServed();
            assertThat(client.connection().getServerProperties().get("version")).hasToString(broker.version());
        }
        assertThat(broker.url())
                .isEqualTo("amqp://127.0.0.1:" + broker.address().getPort());
        assertThat(broker.origin()).matches("(native|docker) .*rabbitmq.*");
    }

    @Test
    void open_twice_givesBrokersThatDoNotKnowEachOther() throws Exception {
        try (RabbitBroker other = RabbitBrokers.open(RabbitConfig.plain());
                PlainRabbit here = PlainRabbit.of(broker);
                PlainRabbit there = PlainRabbit.of(other)) {
            assertThat(other.address()).isNotEqualTo(broker.address());
            here.assertServed();
            there.assertServed();
            assertThat(other.inspector().state().connections()).hasSize(1);
        }
    }

    @Test
    void stop_refusesClientsUntilStarted_andKeepsWhatIsDurable() throws Exception {
        InetSocketAddress address = broker.address();
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            client.store("kept over stop", "message");
            broker.stop();
            await().atMost(LIMIT).until(() -> !client.connection().isOpen());
        }
        assertThatThrownBy(() -> socket(address)).isInstanceOf(ConnectException.class);
        broker.stop();
        broker.start();
        broker.start();
        assertThat(broker.address()).isEqualTo(address);
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            assertThat(client.stored("kept over stop")).isEqualTo("message");
        }
    }

    @Test
    void kill_refusesClientsUntilStarted_andKeepsWhatWasConfirmed() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            client.store("kept over kill", "message");
            writeDeclarations();
            broker.kill();
            await().atMost(LIMIT).until(() -> !client.connection().isOpen());
        }
        assertThatThrownBy(() -> socket(broker.address())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> broker.inspector().state()).isInstanceOf(BrokerException.class);
        broker.kill();
        broker.start();
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            assertThat(client.stored("kept over kill")).isEqualTo("message");
        }
    }

    /** The broker confirms a message once it is on the disk; what was declared goes there some time later. */
    private static void writeDeclarations() {
        if (broker instanceof RabbitServer server) {
            server.node().eval("mnesia:sync_log().");
        }
    }

    @Test
    void wipe_leavesNothing() throws Exception {
        assertThatThrownBy(broker::wipe).isInstanceOf(IllegalStateException.class);
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            client.store("wiped", "message");
        }
        broker.kill();
        broker.wipe();
        broker.start();
        assertThat(broker.inspector().state().queues()).isEmpty();
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            client.assertServed();
        }
    }

    @Test
    void pause_keepsConnectionsAndAnswersNothing() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker)) {
            broker.pause();
            CompletableFuture<String> declared = CompletableFuture.supplyAsync(() -> declare(client));
            assertThatThrownBy(() -> declared.get(200, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(client.connection().isOpen()).isTrue();
            broker.resume();
            assertThat(declared.get(30, TimeUnit.SECONDS)).startsWith("amq.gen");
            client.assertServed();
        }
    }

    @Test
    void kill_whilePaused_kills() {
        broker.pause();
        broker.kill();
        assertThatThrownBy(() -> socket(broker.address())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(broker::pause).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void proxiedUrl_leadsThroughTheProxy() throws Exception {
        try (PlainRabbit client = PlainRabbit.of(broker.proxiedUrl(), "proxied", factory -> {})) {
            client.assertServed();
            assertThat(broker.proxy().openLinks()).isEqualTo(1);
            broker.proxy().cut(Cut.RESET);
            await().atMost(LIMIT).until(() -> !client.connection().isOpen());
        }
        try (PlainRabbit again = PlainRabbit.of(broker.proxiedUrl(), "proxied", factory -> {})) {
            again.assertServed();
        }
    }

    @Test
    void connect_withWrongPassword_isRefused() {
        assertThatThrownBy(() -> PlainRabbit.of(broker.url(), "wrong", factory -> factory.setPassword("wrong")))
                .isInstanceOf(AuthenticationFailureException.class);
    }

    @Test
    void close_endsTheBrokerForGood() {
        RabbitBroker closed = RabbitBrokers.open(RabbitConfig.plain());
        closed.proxy();
        closed.close();
        assertThatThrownBy(() -> socket(closed.address())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> socket(closed.proxy().address())).isInstanceOf(ConnectException.class);
        assertThatThrownBy(closed::start).isInstanceOf(IllegalStateException.class);
        closed.close();
    }

    @Test
    void end_ofTheJvm_endsTheBroker() throws Exception {
        Process jvm = ChildJvm.start(ChildJvm.OfRabbit.class);
        try {
            List<String> said = ChildJvm.lines(jvm, 2);
            InetSocketAddress address = LoopbackPorts.address(Integer.parseInt(said.get(0)));
            List<ProcessHandle> processes = jvm.descendants().toList();
            Path directory = Path.of(said.get(1));
            assertThat(directory).isNotEmptyDirectory();
            assertThat(greets(address)).isTrue();
            jvm.destroyForcibly().waitFor();
            await().atMost(LIMIT).until(() -> !greets(address));
            await().atMost(LIMIT).until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
            await().atMost(LIMIT).until(() -> !Files.exists(directory));
            assertThatThrownBy(() -> socket(address)).isInstanceOf(ConnectException.class);
        } finally {
            jvm.destroyForcibly();
        }
    }

    private static boolean greets(InetSocketAddress address) {
        return RabbitGreeting.ask(address, SocketFactory.getDefault()).isPresent();
    }

    private static Socket socket(InetSocketAddress address) throws IOException {
        return new Socket(address.getAddress(), address.getPort());
    }

    private static String declare(PlainRabbit client) {
        try {
            return client.channel().queueDeclare().getQueue();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
