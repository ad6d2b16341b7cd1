package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.antiphon.Message;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.conformance.broker.Direction;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitConfig;
import dev.antiphon.conformance.broker.RabbitState;
import dev.antiphon.conformance.broker.TcpProxy;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.Transport;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AmqpReconnectTest {

    private final Links links = new Links();
    private final Recorder listener = new Recorder();
    private final Recorder recorder = new Recorder();
    private final String subject = "test." + UUID.randomUUID();
    private final List<String> received = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void broker_thatComesBackEmpty_hasEverythingAgain() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain())) {
            Transport responder = links.start(broker.address(), listener, Map.of());
            Links.echo(responder, "a", null);
            Links.echo(responder, "b.>", "g");
            Transport requester = links.start(broker.address(), new Recorder(), Map.of());
            ReplyChannel channel = Links.openChannel(requester, recorder);
            broker.stop();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST");
            broker.wipe();
            broker.start();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CONNECTED");
            reconnected(requester);
            channel.request(Links.message("a", "1"), 1, Links.IGNORE);
            channel.request(Links.message("b.c", "2"), 2, Links.IGNORE);
            await().untilAsserted(() -> assertThat(recorder.calls()).contains("reply 1 1", "reply 2 2"));
            assertThat(broker.inspector().state().consumers(links.name())).hasSize(3); // the third is for the replies
        }
    }

    @Test
    void reconnect_whenTheCredentialsAreNotGoodAnyMore_isGivenUpWithAuthentication() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain())) {
            links.start(broker.address(), listener, Map.of());
            broker.admin().changePassword("guest", "another");
            broker.admin().closeConnections(links.name(), "please come again");
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CLOSED AUTHENTICATION");
            await().untilAsserted(() -> assertThat(links.threads()).isEmpty());
        }
    }

    @Test
    void consumer_thatTheBrokerCancels_isReportedAndMadeAgain() {
        RabbitBroker broker = RabbitBrokers.shared();
        Transport transport = links.start(broker.address(), listener, Map.of());
        Links.subscribe(transport, subject, null, m -> received.add(m.message().text()));
        Links.subscribe(
                transport,
                subject,
                "workers",
                m -> received.add("group " + m.message().text()));
        List<RabbitState.Consumer> before = broker.inspector().state().consumers(links.name());
        assertThat(before).hasSize(2);
        before.forEach(consumer -> broker.admin().deleteQueue("/", consumer.queue()));
        await().atMost(Links.LIMIT)
                .untilAsserted(() -> assertThat(listener.calls())
                        .containsExactly("CONNECTED", "error NOT_FOUND", "error NOT_FOUND"));
        await().atMost(Links.LIMIT)
                .untilAsserted(() -> assertThat(broker.inspector().state().consumers(links.name()))
                        .hasSize(2));
        transport.publish(Links.message(subject, "hello"), recorder);
        await().untilAsserted(() -> assertThat(received).containsExactlyInAnyOrder("hello", "group hello"));
    }

    @Test
    void exchange_thatIsDeleted_isReportedAndDeclaredAgainWithItsBindings() throws IOException {
        RabbitBroker broker = RabbitBrokers.shared();
        String exchange = "test-" + UUID.randomUUID();
        Transport transport = links.start(broker.address(), listener, Map.of("exchange", exchange));
        Links.subscribe(transport, subject, null, m -> received.add(m.message().text()));
        links.plainClient(broker).createChannel().exchangeDelete(exchange);
        transport.publish(Links.message(subject, "into nothing"), recorder);
        await().untilAsserted(() -> assertThat(recorder.calls()).containsExactly("failed NOT_FOUND"));
        await().untilAsserted(() -> assertThat(listener.calls()).containsExactly("CONNECTED", "error NOT_FOUND"));
        await().untilAsserted(() -> {
            transport.publish(Links.message(subject, "again"), recorder);
            assertThat(received).contains("again");
        });
        links.plainClient(broker).createChannel().exchangeDelete(exchange);
    }

    @Test
    void replyQueue_thatIsDeleted_isMadeAgainUnderAnotherName() {
        RabbitBroker broker = RabbitBrokers.shared();
        Transport transport = links.start(broker.address(), listener, Map.of());
        ReplyChannel channel = Links.openChannel(transport, recorder);
        Links.echo(transport, subject, null);
        broker.admin().deleteQueue("/", channel.toString());
        await().untilAsserted(() -> assertThat(listener.calls()).contains("moved"));
        await().untilAsserted(() -> {
            channel.request(Links.message(subject, "hi"), 7, Links.IGNORE);
            assertThat(recorder.calls()).contains("reply 7 hi");
        });
    }

    @Test
    void messages_thatWereWaitingWhenTheConnectionBroke_areNeverSent() {
        RabbitBroker broker = RabbitBrokers.shared();
        try (TcpProxy proxy = TcpProxy.open(broker.address())) {
            Transport observer = links.start(broker);
            Links.subscribe(observer, subject + ".>", null, m -> received.add(m.subject()));
            Transport sender = links.start(proxy.address(), listener, Map.of());
            proxy.stall(Direction.TO_BROKER);
            // More than the buffers of the proxy and of the operating system take.
            OutboundMessage large = new OutboundMessage(subject + ".large", Message.wrap(new byte[900_000]), 0);
            for (int i = 0; i < 40; i++) {
                sender.publish(large, recorder);
            }
            sender.publish(Links.message(subject + ".last", "x"), recorder);
            proxy.refuseConnections();
            proxy.cut(Cut.RESET);
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST");
            await().untilAsserted(() ->
                    assertThat(recorder.calls()).hasSize(41).containsOnly("failed CONNECTION_LOST perhaps executed"));
            proxy.heal();
            awaitStates("CONNECTED", "RECONNECTING CONNECTION_LOST", "CONNECTED");
            sender.publish(Links.message(subject + ".new", "x"), Links.IGNORE);
            await().untilAsserted(() -> assertThat(received).contains(subject + ".new"));
            assertThat(received).doesNotContain(subject + ".last");
        }
    }

    @Test
    void connection_cutAHundredTimesMidFlight_everyRequestEndsOnceAndOneConsumerRemains() {
        RabbitBroker broker = RabbitBrokers.shared();
        try (TcpProxy proxy = TcpProxy.open(broker.address());
                CutLoad load = CutLoad.start(proxy, broker, subject, links.name())) {
            for (int cut = 1; cut <= 100; cut++) {
                load.awaitReplies(20);
                proxy.cut(cut % 2 == 0 ? Cut.RESET : Cut.FIN);
            }
            load.stop();
            assertThat(broker.inspector().connectionCount(links.name())).isEqualTo(2);
            assertThat(broker.inspector().subscribedSubjects(links.name())).containsExactly(subject);
        }
    }

    /** Waits until this transport is connected again. */
    private static void reconnected(Transport transport) {
        await().atMost(Links.LIMIT)
                .until(() -> transport
                        .flush(Links.LIMIT)
                        .handle((ok, failure) -> failure == null)
                        .toCompletableFuture()
                        .get());
    }

    private void awaitStates(String... states) {
        await().atMost(Links.LIMIT)
                .untilAsserted(() -> assertThat(listener.calls()).containsExactly(states));
    }
}
