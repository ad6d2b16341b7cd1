package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.conformance.broker.Direction;
import dev.antiphon.conformance.broker.TcpProxy;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;

/** Rules about connecting, and what hangs on a connection that breaks: the first part of {@code REC} in the specification. */
interface ReconnectRules extends Faults {
    @Rule("REC-01")
    default void connect_refused_failsAtOnceNamingTheAddress() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        broker.proxy().disappear();
        Stopwatch watch = new Stopwatch();

        AntiphonException failure = assertThrows(
                ErrorCode.NOT_CONNECTED,
                () -> harness().closing(builder(broker.proxiedUrl()).connect()));

        watch.assertLessThan(timing().signal());
        assertThat(failure).hasMessageContaining(Integer.toString(broker.proxy().port()));
        assertThat(failure.retryable()).isTrue();
        assertThat(failure.mayHaveExecuted()).isFalse();
    }

    @Rule("REC-02")
    default void connect_wrongPassword_failsAtOnceAndTriesNoMore() {
        String user = "alice";
        String password = "right-1234";
        if (!supports(Capability.AUTO_RECONNECT)) {
            assertThat(harness().fixture().openBroker(user, password)).isEmpty();
            String url = withUser(harness().fixture().url(), user, password);
            assertThrows(
                    ErrorCode.INVALID_ARGUMENT,
                    () -> harness().closing(builder(url).connect()));
            return;
        }
        BrokerControl broker = harness()
                .closing(harness()
                        .fixture()
                        .openBroker(user, password)
                        .orElseThrow(() -> new AssertionError("the fixture has no broker with users")));
        TcpProxy proxy = broker.proxy();
        String wrong = withUser(broker.proxiedUrl(), user, "wrong-5678");
        Stopwatch watch = new Stopwatch();

        AntiphonException failure = assertThrows(
                ErrorCode.AUTHENTICATION,
                () -> harness()
                        .closing(builder(wrong)
                                .waitForBroker(Duration.ofMinutes(1))
                                .connect()));

        watch.assertLessThan(timing().signal());
        assertThat(failure).hasMessageContaining(Integer.toString(proxy.port()));
        assertThat(failure.retryable()).isFalse();
        eventually(
                "the connection is closed", () -> assertThat(proxy.openLinks()).isZero());
        long bytes = proxy.bytesPassed(Direction.BOTH);
        never(
                "another attempt",
                () -> assertThat(proxy.bytesPassed(Direction.BOTH)).isEqualTo(bytes));
        roundTrip(connectTo(withUser(broker.proxiedUrl(), user, password)));
    }

    private static String withUser(String url, String user, String password) {
        return url.replaceFirst("://", "://" + user + ":" + password + "@");
    }

    @Rule("REC-03")
    default void connection_cut_allSubscriptionsComeBack() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.proxiedUrl());
        Messenger other = connectTo(broker.url());
        Services services = Services.at(peer.messenger(), this);

        for (Cut how : Cut.values()) {
            interrupt(() -> broker.proxy().cut(how), peer);

            services.verify(other);
        }
    }

    @Rule(value = "REC-04", seconds = 120)
    default void broker_restartedUnderLoad_publicationsAreReportedTruthfully() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer publisher = peer(broker.url());
        Peer subscriber = peer(broker.url());
        String subject = unique("orders");
        Collector collector = collector();
        subscriber.messenger().subscribe(subject, collector);
        Set<String> confirmed = new HashSet<>();
        Set<String> unsent = new HashSet<>();
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Integer> load = Background.supply(() -> {
            int count = 0;
            for (; !enough.get(); count++) {
                String body = "order-" + count;
                AntiphonException failure = failureOf(publisher.messenger().publish(subject, Message.of(body)));
                if (failure == null) {
                    confirmed.add(body);
                } else if (!failure.mayHaveExecuted()) {
                    unsent.add(body);
                    // As long as a broker may take for its start: the rule's own limit ends this if it never comes
                    // back.
                    Awaitility.await("connected again, or it is enough")
                            .forever()
                            .until(() -> enough.get() || publisher.messenger().state() == ConnectionState.CONNECTED);
                }
            }
            return count;
        });

        for (int i = 0; i < fewRestarts(); i++) {
            int before = collector.count();
            eventually("the load goes on", () -> assertThat(collector.count()).isGreaterThan(before + 100));
            interrupt(broker::restart, publisher, subscriber);
        }
        enough.set(true);
        get(load);
        fence(publisher.messenger(), subject, collector);

        assertThat(collector.texts()).doesNotHaveDuplicates();
        assertThat(unsent).as("what was not sent").isNotEmpty().doesNotContainAnyElementsOf(collector.texts());
        if (supports(Capability.PUBLISH_CONFIRM) && supports(Capability.RETAINED)) {
            assertThat(collector.texts()).containsAll(confirmed);
        }
    }

    @Rule("REC-05")
    default void broker_killedAndStarted_allSubscriptionsComeBack() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.url());
        Peer other = peer(broker.url());
        Services services = Services.at(peer.messenger(), this);
        Runnable crash = () -> {
            broker.kill();
            broker.start();
        };

        for (int i = 0; i < fewRestarts(); i++) {
            interrupt(crash, peer, other);

            services.verify(other.messenger());
        }
    }

    private int fewRestarts() {
        return Math.min(3, harness().fixture().restarts());
    }

    @Rule("REC-06")
    default void subscriptions_closedBeforeOrDuringTheLoss_doNotComeBack() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.url());
        Collector collector = collector();
        List<String> expected = new ArrayList<>(broker.inspector().subscribedSubjects(peer.name()));
        String stays = unique("stays");
        expected.add(stays);
        peer.messenger().subscribe(stays, collector);
        peer.messenger().subscribe(unique("left"), collector).close();
        Subscription leaving = peer.messenger().subscribe(unique("leaves"), collector);

        cutOff(broker::stop, peer);
        leaving.close();
        interrupt(broker::start, peer);

        fence(peer.messenger(), stays, collector);
        eventually(
                "only what was not closed is there",
                () -> assertThat(broker.inspector().subscribedSubjects(peer.name()))
                        .containsExactlyInAnyOrderElementsOf(expected));
    }

    @Rule("REC-07")
    default void subscribe_whileDisconnected_becomesActiveOrLeavesNothing() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.proxiedUrl());
        String subject = unique("orders");
        Collector collector = collector();
        keepOut(broker, peer);

        CompletableFuture<Subscription> subscribing =
                Background.supply(() -> peer.messenger().subscribe(subject, collector));
        interrupt(broker.proxy()::heal, peer);

        AntiphonException failure = failureOf(subscribing);
        Messenger other = connectTo(broker.url());
        if (failure == null) {
            publish(other, subject, List.of("order"));
            assertThat(collector.await(1)).hasSize(1);
        } else {
            assertThat(failure.code()).isIn(ErrorCode.NOT_CONNECTED, ErrorCode.TIMEOUT);
            roundTrip(peer.messenger());
            assertThat(broker.inspector().subscribedSubjects(peer.name())).doesNotContain(subject);
            assertThat(peer.messenger().subscribe(subject, collector).isActive())
                    .isTrue();
            fence(other, subject, collector);
        }
    }

    @Rule("REC-08")
    default void publish_whileDisconnected_failsAtOnceAndIsNotSentLater() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer publisher = peer(broker.proxiedUrl());
        Peer subscriber = peer(broker.proxiedUrl());
        String subject = unique("orders");
        Collector collector = collector();
        subscriber.messenger().subscribe(subject, collector);
        keepOut(broker, publisher, subscriber);

        for (String body : bodies("order", 100)) {
            AntiphonException failure =
                    assertFails(ErrorCode.NOT_CONNECTED, publisher.messenger().publish(subject, Message.of(body)));
            assertThat(failure.mayHaveExecuted()).isFalse();
        }
        interrupt(broker.proxy()::heal, publisher, subscriber);

        publish(publisher.messenger(), subject, List.of("after"));
        fence(publisher.messenger(), subject, collector);
        assertThat(collector.texts()).containsExactly("after");
    }

    @Rule("REC-10")
    default void broker_gone_theNextAddressIsUsed() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl first = privateBroker();
        BrokerControl second = privateBroker();
        String both = first.url() + "," + second.url().replaceFirst("^.*(://|@)", "");
        second.stop();
        Peer peer = peer(both);
        Services services = Services.at(peer.messenger(), this);
        second.start();

        interrupt(first::kill, peer);

        services.verify(connectTo(second.url()));
        roundTrip(connectTo(both));
    }

    @Rule("REC-15")
    default void connect_brokerNotUpYet_waitsAsLongAsItIsTold() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        broker.stop();
        Duration brief = Duration.ofMillis(300);
        Stopwatch watch = new Stopwatch();
        assertThrows(
                ErrorCode.NOT_CONNECTED,
                () -> harness()
                        .closing(builder(broker.url()).waitForBroker(brief).connect()));
        watch.assertWithin(brief, timing().signal());

        CompletableFuture<Messenger> connecting = Background.supply(() -> connect(builder ->
                builder.url(broker.url()).waitForBroker(timing().signal().multipliedBy(2))));
        never(
                "it gives up early, or connects to nothing",
                () -> assertThat(connecting).isNotDone());
        broker.start();

        roundTrip(get(connecting));
    }

    @Rule(value = "REC-17", seconds = 120)
    default void connection_lostAgainAndAgain_oneSubscriptionRemainsOfEach() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.proxiedUrl());
        Messenger other = connectTo(broker.url());
        Services services = Services.at(peer.messenger(), this);
        List<String> subjects = broker.inspector().subscribedSubjects(peer.name());

        for (int i = 0; i < 20; i++) {
            interrupt(() -> broker.proxy().cut(Cut.RESET), peer);
        }

        services.verify(other);
        eventually(
                "one connection",
                () -> assertThat(broker.inspector().connectionCount(peer.name()))
                        .isEqualTo(1));
        assertThat(broker.inspector().subscribedSubjects(peer.name())).isEqualTo(subjects);
    }
}
