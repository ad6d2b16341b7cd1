package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TcpProxyTest {
    /** How long a test waits for what must not come. */
    private static final int NOTHING_MILLIS = 100;

    private final ServerSocket upstream = LoopbackPorts.listen();
    private final TcpProxy proxy = TcpProxy.open(address(upstream));
    private Socket client;
    private Socket broker;

    @BeforeEach
    void connectThroughProxy() throws IOException {
        client = connect();
        broker = upstream.accept();
    }

    @AfterEach
    void closeAll() throws IOException {
        proxy.close();
        upstream.close();
        client.close();
        broker.close();
    }

    @Test
    void bytes_withoutFault_passUnchangedBothWays() throws Exception {
        byte[] up = randomBytes(3_000_000);
        byte[] down = randomBytes(3_000_000);
        CompletableFuture<Void> sent = CompletableFuture.allOf(sending(client, up), sending(broker, down));
        CompletableFuture<byte[]> atClient = CompletableFuture.supplyAsync(() -> read(client, down.length));
        assertThat(read(broker, up.length)).isEqualTo(up);
        assertThat(atClient.get()).isEqualTo(down);
        sent.get();
        await().until(() -> proxy.bytesPassed(Direction.TO_BROKER) == up.length);
        await().until(() -> proxy.bytesPassed(Direction.BOTH) == up.length + down.length);
    }

    @Test
    void fin_fromClient_endsThatDirectionOnly() throws IOException {
        client.shutdownOutput();
        assertThat(broker.getInputStream().read()).isEqualTo(-1);
        send(broker, "still here");
        assertThat(receive(client, 10)).isEqualTo("still here");
        assertThat(proxy.openLinks()).isEqualTo(1);
        broker.close();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        await().until(() -> proxy.openLinks() == 0);
    }

    @Test
    void reset_fromClient_reachesBroker() {
        Cut.RESET.apply(client);
        assertReset(broker);
        await().until(() -> proxy.openLinks() == 0);
    }

    @Test
    void cut_reset_resetsBothSides() {
        proxy.cut(Cut.RESET);
        assertReset(client);
        assertReset(broker);
        assertThat(proxy.openLinks()).isZero();
    }

    @Test
    void cut_fin_endsBothSides() throws IOException {
        proxy.cut(Cut.FIN);
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        assertThat(broker.getInputStream().read()).isEqualTo(-1);
        assertThat(proxy.openLinks()).isZero();
    }

    @Test
    void cut_leavesTheProxyOpenForOthers() throws IOException {
        proxy.cut(Cut.RESET);
        try (Socket again = connect();
                Socket other = upstream.accept()) {
            send(again, "hello");
            assertThat(receive(other, 5)).isEqualTo("hello");
        }
    }

    @Test
    void halfClose_toBroker_isSeenByBrokerOnly() throws IOException {
        proxy.halfClose(Direction.TO_BROKER);
        assertThat(broker.getInputStream().read()).isEqualTo(-1);
        send(client, "into the void");
        send(broker, "hello");
        assertThat(receive(client, 5)).isEqualTo("hello");
        assertThat(proxy.openLinks()).isEqualTo(1);
    }

    @Test
    void halfClose_toClient_isSeenByClientOnly() throws IOException {
        proxy.halfClose(Direction.TO_CLIENT);
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        send(client, "hello");
        assertThat(receive(broker, 5)).isEqualTo("hello");
    }

    @Test
    void stall_oneDirection_holdsBytesUntilHealed() throws IOException {
        proxy.stall(Direction.TO_CLIENT);
        send(broker, "held");
        send(client, "free");
        assertThat(receive(broker, 4)).isEqualTo("free");
        assertNothingArrives(client);
        proxy.heal();
        assertThat(receive(client, 4)).isEqualTo("held");
    }

    @Test
    void stall_bothDirections_holdsBytesAndFin() throws IOException {
        proxy.stall(Direction.BOTH);
        send(client, "one");
        client.shutdownOutput();
        send(broker, "two");
        assertNothingArrives(broker);
        assertNothingArrives(client);
        proxy.heal();
        assertThat(receive(broker, 3)).isEqualTo("one");
        assertThat(receive(client, 3)).isEqualTo("two");
        assertThat(broker.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void blackHole_oneDirection_losesBytes() throws IOException {
        proxy.blackHole(Direction.TO_BROKER);
        send(client, "lost");
        await().until(() -> proxy.bytesSwallowed(Direction.TO_BROKER) == 4);
        send(broker, "hello");
        assertThat(receive(client, 5)).isEqualTo("hello");
        proxy.heal();
        send(client, "kept");
        assertThat(receive(broker, 4)).isEqualTo("kept");
        assertThat(proxy.bytesSwallowed(Direction.TO_CLIENT)).isZero();
    }

    @Test
    void blackHole_bothDirections_losesBytesAndHoldsFin() throws IOException {
        proxy.blackHole(Direction.BOTH);
        send(client, "lost");
        send(broker, "gone");
        client.shutdownOutput();
        await().until(() -> proxy.bytesSwallowed(Direction.BOTH) == 8);
        assertNothingArrives(client);
        assertNothingArrives(broker);
        proxy.heal();
        assertThat(broker.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void delay_oneDirection_isAddedThereOnly() throws IOException {
        Duration delay = Duration.ofMillis(300);
        proxy.delay(Direction.TO_BROKER, delay);
        long start = System.nanoTime();
        send(client, "late");
        send(broker, "now");
        assertThat(receive(client, 3)).isEqualTo("now");
        long undelayed = System.nanoTime() - start;
        assertThat(receive(broker, 4)).isEqualTo("late");
        long delayed = System.nanoTime() - start;
        assertThat(Duration.ofNanos(delayed)).isGreaterThanOrEqualTo(delay);
        assertThat(undelayed).isLessThan(delayed);
    }

    @Test
    void delay_ofManyChunks_doesNotAddUp() throws Exception {
        byte[] bytes = randomBytes(16_000_000);
        proxy.delay(Direction.TO_BROKER, Duration.ofMillis(200));
        long start = System.nanoTime();
        CompletableFuture<Void> sent = sending(client, bytes);
        assertThat(read(broker, bytes.length)).isEqualTo(bytes);
        sent.get();
        // At most 64 kB at a time, one after the other, would take 48 seconds.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void delay_whenHealed_letsTheDelayedGo() throws IOException {
        proxy.delay(Direction.BOTH, Duration.ofHours(1));
        send(client, "one");
        client.shutdownOutput();
        send(broker, "two");
        assertNothingArrives(broker);
        assertNothingArrives(client);
        proxy.heal();
        assertThat(receive(broker, 3)).isEqualTo("one");
        assertThat(receive(client, 3)).isEqualTo("two");
        assertThat(broker.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void delay_beforeFin_keepsTheOrder() throws IOException {
        proxy.delay(Direction.TO_BROKER, Duration.ofMillis(100));
        send(client, "last words");
        client.shutdownOutput();
        assertThat(receive(broker, 10)).isEqualTo("last words");
        assertThat(broker.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void limitChunks_splitsWhatWasWrittenAtOnce() throws Exception {
        byte[] buffer = new byte[200_000];
        proxy.limitChunks(Direction.TO_BROKER, 1);
        CompletableFuture<Void> sent = sending(client, randomBytes(buffer.length));
        int reads = 0;
        for (int total = 0; total < buffer.length; reads++) {
            total += broker.getInputStream().read(buffer);
        }
        sent.get();
        // Without the limit it takes as many as there are blocks of 64 kB.
        assertThat(reads).isGreaterThan(20);
    }

    @Test
    void cutAfter_fin_passesExactlySoManyBytes() throws IOException {
        proxy.cutAfter(Direction.TO_CLIENT, 7, Cut.FIN);
        send(broker, "abc");
        assertThat(receive(client, 3)).isEqualTo("abc");
        send(broker, "defghi");
        assertThat(receive(client, 4)).isEqualTo("defg");
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        await().until(() -> proxy.openLinks() == 0);
        await().until(() -> proxy.bytesPassed(Direction.TO_CLIENT) == 7);
    }

    @Test
    void cutAfter_reset_resetsBothSidesOnce() throws IOException {
        proxy.cutAfter(Direction.TO_BROKER, 0, Cut.RESET);
        send(client, "x");
        assertReset(client);
        assertReset(broker);
        try (Socket again = connect();
                Socket other = upstream.accept()) {
            send(again, "hello");
            assertThat(receive(other, 5)).isEqualTo("hello");
        }
    }

    @Test
    void refuseConnections_refusesNewAndKeepsOpenLinks() throws IOException {
        // Again and again, for the listener that still accepts while its thread ends.
        for (int i = 0; i < 50; i++) {
            proxy.refuseConnections();
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            send(client, "hello");
            assertThat(receive(broker, 5)).isEqualTo("hello");
            proxy.heal();
            connect().close();
        }
    }

    @Test
    void acceptSilently_answersNothingUntilHealed() throws IOException {
        proxy.acceptSilently();
        try (Socket silent = connect()) {
            send(silent, "anyone?");
            assertNothingArrives(silent);
            upstream.setSoTimeout(NOTHING_MILLIS);
            assertThatThrownBy(upstream::accept).isInstanceOf(SocketTimeoutException.class);
            assertThat(proxy.openLinks()).isEqualTo(2);
            proxy.heal();
            assertReset(silent);
        }
        send(client, "hello");
        assertThat(receive(broker, 5)).isEqualTo("hello");
    }

    @Test
    void retarget_leadsNewLinksElsewhere() throws IOException {
        try (ServerSocket other = LoopbackPorts.listen()) {
            proxy.retarget(address(other));
            try (Socket second = connect();
                    Socket there = other.accept()) {
                send(second, "hello");
                assertThat(receive(there, 5)).isEqualTo("hello");
                send(client, "as before");
                assertThat(receive(broker, 9)).isEqualTo("as before");
                assertThat(proxy.openLinks()).isEqualTo(2);
            }
        }
    }

    @Test
    void connect_whenTargetIsDown_isReset() throws IOException {
        upstream.close();
        try (Socket second = connect()) {
            assertReset(second);
        }
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void close_duringFaults_leavesNoThreadAndNoSocket(Direction direction) throws IOException {
        proxy.delay(direction, Duration.ofHours(1));
        send(client, "delayed");
        send(broker, "delayed");
        proxy.stall(direction);
        send(client, "stalled");
        send(broker, "stalled");
        proxy.close();
        assertThat(proxyThreads()).isEmpty();
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        assertThat(proxy.openLinks()).isZero();
        proxy.close();
        proxy.heal();
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        assertThat(proxyThreads()).isEmpty();
    }

    @Test
    void close_afterManyLinks_leavesNoThread() throws IOException {
        for (int i = 0; i < 50; i++) {
            connect().close();
            upstream.accept().close();
        }
        proxy.close();
        assertThat(proxyThreads()).isEmpty();
    }

    private Socket connect() throws IOException {
        return new Socket(proxy.address().getAddress(), proxy.port());
    }

    private Iterable<String> proxyThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("tcp-proxy-" + proxy.port() + "-"))
                .toList();
    }

    private static void assertReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().readAllBytes())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }

    private static void assertNothingArrives(Socket socket) throws IOException {
        socket.setSoTimeout(NOTHING_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(0);
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(US_ASCII));
    }

    private static String receive(Socket socket, int length) {
        return new String(read(socket, length), US_ASCII);
    }

    private static byte[] read(Socket socket, int length) {
        try {
            return socket.getInputStream().readNBytes(length);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static CompletableFuture<Void> sending(Socket socket, byte[] bytes) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        socket.getOutputStream().write(bytes);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                },
                task -> new Thread(task, "sender").start());
    }

    private static byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static InetSocketAddress address(ServerSocket listener) {
        return LoopbackPorts.address(listener.getLocalPort());
    }
}
