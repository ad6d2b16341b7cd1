package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.conformance.broker.Direction;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Rules about what is noticed and told of a broken connection: the second part of {@code REC} in the specification. */
interface ConnectionStateRules extends Faults {
    @Rule("REC-09")
    default void link_swallowsEverything_isNoticedAndReplaced() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.proxiedUrl());
        Services services = Services.at(peer.messenger(), this);
        RequestOptions brief = RequestOptions.timeout(Duration.ofMillis(200));

        broker.proxy().blackHole(Direction.BOTH);
        assertFails(ErrorCode.TIMEOUT, peer.messenger().request(unique("nobody"), Message.of("?"), brief));
        cutOff(() -> {}, peer);
        interrupt(broker.proxy()::heal, peer);

        services.verify(connectTo(broker.url()));
    }

    @Rule("REC-11")
    default void attempts_usedUp_messengerClosesForGood() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.proxiedUrl(), builder -> builder.option("max-reconnects", "2"));
        ParkedRequests parked = new ParkedRequests(timing());
        String subject = unique("price");
        peer.messenger().respondAsync(subject, parked);
        Call pending =
                peer.messenger().request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofMinutes(5)));
        parked.await(1);
        List<Thread> threads = Residue.threads().stream()
                .filter(thread -> thread.getName().contains(peer.name()))
                .toList();

        broker.proxy().disappear();

        assertFails(
                supports(Capability.REPLY_ADDRESS_SURVIVES_RECONNECT) ? ErrorCode.CLOSED : ErrorCode.CONNECTION_LOST,
                pending);
        eventually(
                "CLOSED is told",
                () -> assertThat(peer.observed().states())
                        .containsExactly(
                                ConnectionState.CONNECTED, ConnectionState.RECONNECTING, ConnectionState.CLOSED));
        assertThat(peer.observed().changes().get(2).cause())
                .as("why it gave up")
                .isNotNull();
        assertThat(peer.messenger().state()).isEqualTo(ConnectionState.CLOSED);
        assertThrows(ErrorCode.CLOSED, () -> peer.messenger().request(subject, Message.of("?")));
        assertThrows(ErrorCode.CLOSED, () -> peer.messenger().subscribe(subject, collector()));
        eventually("its threads end", () -> assertThat(threads).isNotEmpty().noneMatch(Thread::isAlive));
    }

    @Rule("REC-12")
    default void states_ofSeveralLosses_areToldInOrderAndOnceTrue() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.proxiedUrl());
        Messenger other = connectTo(broker.url());
        String subject = unique("orders");
        Collector collector = collector();
        peer.messenger().subscribe(subject, collector);
        List<ConnectionState> expected = new ArrayList<>(List.of(ConnectionState.CONNECTED));

        for (int i = 1; i <= 5; i++) {
            interrupt(() -> broker.proxy().cut(Cut.RESET), peer);
            publish(other, subject, List.of("as soon as it says that it is connected"));
            collector.await(i);
            expected.addAll(List.of(ConnectionState.RECONNECTING, ConnectionState.CONNECTED));
        }
        assertThat(peer.messenger().state()).isEqualTo(ConnectionState.CONNECTED);
        assertThat(peer.messenger().stats().reconnects()).isEqualTo(5);
        peer.messenger().close();

        expected.add(ConnectionState.CLOSED);
        eventually("CLOSED is told", () -> assertThat(peer.observed().states()).isEqualTo(expected));
        assertThat(peer.observed().changes())
                .allSatisfy(change -> assertThat(change.cause() != null)
                        .as("%s has a cause", change)
                        .isEqualTo(change.state() == ConnectionState.RECONNECTING));
        assertThat(peer.messenger().state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Rule("REC-13")
    default void listener_throws_nothingElseIsDisturbed() {
        Grumpy listener = new Grumpy();
        boolean breaks = supports(Capability.AUTO_RECONNECT);
        BrokerControl broker = breaks ? privateBroker() : null;
        Messenger messenger = connect(builder -> builder.url(broker == null ? isolatedUrl() : broker.proxiedUrl())
                .listener(listener));
        String subject = unique("orders");
        messenger.subscribe(subject, delivery -> {
            throw new IllegalStateException("a handler that throws");
        });
        Services services = Services.at(messenger, this);

        publish(messenger, subject, bodies("order", 3));
        eventually("each error is told", () -> assertThat(listener.errors()).isEqualTo(3));
        if (broker != null) {
            broker.proxy().cut(Cut.RESET);
            eventually("each state is told", () -> assertThat(listener.states()).isEqualTo(3));
        }

        services.verify(messenger);
    }

    @Rule("REC-18")
    default void broker_hangs_stateSaysSoUntilItGoesOn() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.url());
        Services services = Services.at(peer.messenger(), this);

        cutOff(broker::pause, peer);
        interrupt(broker::resume, peer);

        services.verify(peer.messenger());
    }
}
