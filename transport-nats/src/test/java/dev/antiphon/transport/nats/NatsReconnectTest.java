package dev.antiphon.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.conformance.broker.Direction;
import dev.antiphon.conformance.broker.NatsBroker;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.NatsConfig;
import dev.antiphon.conformance.broker.TcpProxy;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NatsReconnectTest {

    private static final Map<String, String> FAST = Map.of("reconnect-wait", "50ms", "ping-interval", "300ms");

    private final Links links = new Links();
    private final Recorder listener = new Recorder();
    private final Recorder recorder = new Recorder();
    private final List<String> received = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void states_overRestarts_comeInOrderAndOnceEach() {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain())) {
            Transport transport = links.start(broker.address(), listener, FAST);
            awaitStates("CONNECTED");
            broker.kill();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST");
            publishRefused(transport);
            broker.start();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CONNECTED");
            broker.restart();
            awaitStates(
                    "CONNECTED",
                    "RECONNECTING CONNECTION_LOST",
                    "CONNECTED",
                    "RECONNECTING CONNECTION_LOST",
                    "CONNECTED");
            transport.close(Links.LIMIT);
            assertThat(listener.calls()).hasSize(6).endsWith("CLOSED");
        }
    }

    @Test
    void subscriptionsAndChannels_afterAReconnect_areInPlaceWhenConnectedIsTold() {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain())) {
            Transport responder = links.start(broker.address(), new Recorder(), FAST);
            for (int i = 0; i < 50; i++) {
                Links.echo(responder, "s." + i, "g");
            }
            TransportSubscription gone = Links.subscribe(responder, "gone", null, m -> received.add("gone"));
            Links.await(gone.stop());
            Transport requester = links.start(broker.address(), listener, FAST);
            ReplyChannel channel = Links.openChannel(requester, recorder);
            broker.restart();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CONNECTED");
            Links.flush(reconnected(responder));
            for (int i = 0; i < 50; i++) {
                channel.request(Links.message("s." + i, "hi"), i, Links.IGNORE);
            }
            await().untilAsserted(() -> assertThat(recorder.calls()).hasSize(50).allMatch(c -> c.startsWith("reply ")));
            requester.publish(Links.message("gone", "x"), Links.IGNORE);
            Links.flush(requester);
            Links.flush(responder);
            assertThat(received).isEmpty();
        }
    }

    @Test
    void messages_thatWereWaitingWhenTheConnectionBroke_areNeverSent() {
        NatsBroker broker = NatsBrokers.shared();
        try (TcpProxy proxy = TcpProxy.open(broker.address())) {
            Transport observer = links.start(broker);
            Links.subscribe(observer, "stale.>", null, m -> received.add(m.subject()));
            Transport sender = links.start(proxy.address(), listener, Map.of("reconnect-wait", "50ms"));
            proxy.stall(Direction.TO_BROKER);
            // More than the buffers of the proxy and of the operating system take.
            OutboundMessage large = new OutboundMessage("stale.large", Message.wrap(new byte[900_000]), 0);
            for (int i = 0; i < 40; i++) {
                sender.publish(large, recorder);
            }
            sender.publish(Links.message("stale.last", "x"), recorder);
            assertThat(recorder.calls()).contains("sent");
            proxy.refuseConnections();
            proxy.cut(Cut.RESET);
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST");
            proxy.heal();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CONNECTED");
            sender.publish(Links.message("stale.new", "x"), Links.IGNORE);
            await().untilAsserted(() -> assertThat(received).contains("stale.new"));
            assertThat(received).doesNotContain("stale.last");
        }
    }

    @Test
    void subscribe_whileDisconnected_endsAfterTheReconnect() {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain())) {
            Transport transport = links.start(broker.address(), listener, FAST);
            broker.kill();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST");
            CompletionStage<TransportSubscription> subscribing =
                    transport.subscribe(new SubscribeSpec("s", null, 1, false), m -> received.add("s"));
            assertThat(subscribing.toCompletableFuture()).isNotDone();
            broker.start();
            Links.await(subscribing);
            Transport other = links.start(broker);
            other.publish(Links.message("s", "x"), Links.IGNORE);
            await().untilAsserted(() -> assertThat(received).containsExactly("s"));
        }
    }

    @Test
    void connection_thatDiesSilently_isFoundByThreePings() {
        try (TcpProxy proxy = TcpProxy.open(NatsBrokers.shared().address())) {
            Transport transport = links.start(proxy.address(), listener, FAST);
            awaitStates("CONNECTED");
            proxy.blackHole(Direction.BOTH);
            await().atMost(Duration.ofSeconds(8))
                    .untilAsserted(() -> assertThat(listener.calls()).hasSize(2));
            publishRefused(transport);
            proxy.heal();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CONNECTED");
        }
    }

    @Test
    void connection_givenUp_isClosedWithTheReason() {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain())) {
            Transport transport =
                    links.start(broker.address(), listener, Map.of("reconnect-wait", "20ms", "max-reconnects", "2"));
            CompletionStage<TransportSubscription> never;
            broker.stop();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CLOSED NOT_CONNECTED");
            never = transport.subscribe(new SubscribeSpec("s", null, 1, false), m -> {});
            assertThat(Links.failureOf(never)).hasMessageContaining("CLOSED");
            transport.publish(Links.message("s", "x"), recorder);
            assertThat(recorder.calls()).containsExactly("failed CLOSED");
            transport.close(Links.LIMIT);
            await().untilAsserted(() -> assertThat(links.threads()).isEmpty());
        }
    }

    @Test
    void reconnect_toAServerThatRefusesUs_isGivenUpWithAuthentication() {
        NatsConfig secured = NatsConfig.plain().withUser("a", "b");
        try (NatsBroker open = NatsBrokers.open(NatsConfig.plain());
                NatsBroker closed = NatsBrokers.open(secured);
                TcpProxy proxy = TcpProxy.open(open.address())) {
            links.start(proxy.address(), listener, Map.of("reconnect-wait", "20ms", "connect-timeout", "500ms"));
            proxy.retarget(closed.address());
            proxy.cut(Cut.FIN);
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CLOSED AUTHENTICATION");
        }
    }

    @Test
    void restarts_inARow_leaveOneConnectionAndItsSubscriptions() {
        try (NatsBroker broker = NatsBrokers.open(NatsConfig.plain())) {
            Transport transport = links.start(broker.address(), listener, Map.of("reconnect-wait", "20ms"));
            Links.subscribe(transport, "s", null, m -> received.add(m.message().text()));
            for (int round = 1; round <= 5; round++) {
                int connected = 1 + 2 * round;
                broker.kill();
                broker.start();
                await().untilAsserted(() -> assertThat(listener.calls()).hasSize(connected));
            }
            transport.publish(Links.message("s", "once"), Links.IGNORE);
            Links.flush(transport);
            await().untilAsserted(() -> assertThat(received).containsExactly("once"));
            assertThat(broker.inspector().connections()).hasSize(1);
        }
    }

    /** Waits until this transport is connected again. */
    private Transport reconnected(Transport transport) {
        await().until(() -> transport
                .flush(Links.LIMIT)
                .handle((ok, failure) -> failure == null)
                .toCompletableFuture()
                .get());
        return transport;
    }

    private void publishRefused(Transport transport) {
        Recorder outcome = new Recorder();
        transport.publish(Links.message("s", "x"), outcome);
        assertThat(outcome.calls()).containsExactly("failed NOT_CONNECTED");
    }

    private void awaitStates(String... states) {
        await().atMost(Links.LIMIT)
                .untilAsserted(() -> assertThat(listener.calls()).containsExactly(states));
    }
}
