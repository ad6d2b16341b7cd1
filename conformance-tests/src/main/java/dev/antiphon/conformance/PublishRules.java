package dev.antiphon.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestOptions;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.conformance.broker.Direction;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rules about publishing: {@code PUB} in the specification. */
interface PublishRules extends Conformance {
    @Rule("PUB-01")
    default void publish_severalMessages_eachArrivesIntactAndInOrder() {
        arrives(bodies("order", 100));
    }

    @Rule("PUB-02")
    default void publish_manyMessages_noneIsLost() {
        arrives(bodies("a-message-of-a-size-that-is-not-too-small", repetitions(20_000)));
    }

    private void arrives(List<String> bodies) {
        String subject = unique("orders");
        Collector collector = collector();
        connect().subscribe(subject, collector);
        Messenger publisher = connect();

        publish(publisher, subject, bodies);
        fence(publisher, subject, collector);
        boolean ordered = supports(Capability.ORDERED_PER_PUBLISHER);
        if (!ordered) {
            collector.await(bodies.size());
        }

        List<String> received = collector.texts();
        assertEachOnce(received, bodies);
        if (ordered) {
            assertThat(firstOutOfOrder(received, bodies)).as("out of order").isEmpty();
        }
        assertThat(collector.deliveries())
                .allSatisfy(delivery -> assertThat(delivery.subject()).isEqualTo(subject));
    }

    private static Optional<String> firstOutOfOrder(List<String> received, List<String> sent) {
        return IntStream.range(0, sent.size())
                .filter(i -> !received.get(i).equals(sent.get(i)))
                .mapToObj(i -> received.get(i) + " in place of " + sent.get(i))
                .findFirst();
    }

    @Rule("PUB-03")
    default void publish_toOneSubject_doesNotReachAnother() {
        String subject = unique("orders");
        Collector collector = collector();
        connect().subscribe(subject, collector);
        Messenger publisher = connect();

        for (String other : List.of(subject + "x", subject + ".x", "x." + subject, unique("orders"))) {
            publish(publisher, other, bodies("stray", 10));
        }
        publish(publisher, subject, List.of("mine"));
        fence(publisher, subject, collector);

        assertThat(collector.texts()).containsExactly("mine");
    }

    @Rule("PUB-04")
    default void publish_withoutSubscriber_succeedsAndIsDropped() {
        String subject = unique("orders");
        Messenger publisher = connect();

        publish(publisher, subject, bodies("early", 10));
        roundTrip(publisher);
        Collector collector = collector();
        connect().subscribe(subject, collector);
        publish(publisher, subject, List.of("in time"));
        fence(publisher, subject, collector);

        assertThat(collector.texts()).containsExactly("in time");
    }

    @Rule("PUB-06")
    default void publish_thatEnded_isAsSafeAsDeclared() {
        boolean confirmed = supports(Capability.PUBLISH_CONFIRM);
        if (!supports(Capability.AUTO_RECONNECT)) {
            outlivesItsPublisher();
            return;
        }
        BrokerControl broker = privateBroker();
        Messenger publisher = connectTo(broker.proxiedUrl());
        String subject = unique("orders");
        // Where a subject is an entity of the broker, the first publication has it made and is not on its way before.
        publish(publisher, subject, List.of("before"));

        broker.proxy().stall(Direction.TO_BROKER);
        CompletableFuture<Void> publication = publisher.publish(subject, Message.of("on its way"));
        if (confirmed) {
            never(
                    "the end of a publication the broker has not seen",
                    () -> assertThat(publication).isNotDone());
            broker.proxy().cut(Cut.RESET);
            assertThat(assertFails(ErrorCode.CONNECTION_LOST, publication).mayHaveExecuted())
                    .isTrue();
        } else {
            get(publication);
        }
    }

    private void outlivesItsPublisher() {
        String subject = unique("orders");
        Collector collector = collector();
        connect().subscribe(subject, collector);
        try (Messenger publisher = connect()) {
            publish(publisher, subject, List.of("last words"));
        }
        collector.await(1);
    }

    @Rule("PUB-07")
    default void request_whoseTimeIsUpBeforeItIsSent_isNotSent() {
        String subject = unique("work");
        Gate gate = gate();
        Collector seen = collector();
        Messenger responder = connect();
        responder.subscribe(subject, seen);
        responder.respond(subject, request -> {
            gate.pass();
            return Message.of("done");
        });
        Messenger requester = connect(builder -> builder.maxInFlight(1).onInFlightLimit(OverloadPolicy.WAIT));

        var first = requester.request(subject, Message.of("first"));
        var second = requester.request(subject, Message.of("second"), RequestOptions.timeout(timing().silence()));
        AntiphonException failure = assertFails(ErrorCode.TIMEOUT, second);
        gate.open();
        assertThat(get(first.toCompletableFuture()).text()).isEqualTo("done");
        fence(requester, subject, seen);

        assertThat(failure.mayHaveExecuted()).isFalse();
        assertThat(seen.texts()).containsExactly("first");
    }

    @Rule("PUB-08")
    default void publish_toABrokerThatDoesNotRead_doesNotBlockItsCaller() {
        if (!supports(Capability.AUTO_RECONNECT)) {
            publish_toABlockedSubscriber_doesNotBlock();
            return;
        }
        BrokerControl broker = privateBroker();
        String subject = unique("orders");
        Collector collector = collector();
        connectTo(broker.url()).subscribe(subject, collector);
        Messenger publisher = connectTo(broker.url());

        broker.pause();
        long start = System.nanoTime();
        List<CompletableFuture<Void>> publications = bodies("order", 100).stream()
                .map(body -> publisher.publish(subject, Message.of(body)))
                .toList();
        var call = publisher.request(subject, Message.of("?"), RequestOptions.timeout(timing().silence()));
        assertFails(ErrorCode.TIMEOUT, call);
        Duration blocked = Duration.ofNanos(System.nanoTime() - start);
        broker.resume();

        assertThat(blocked).isLessThan(timing().silence().plus(timing().grace()));
        publications.forEach(this::get);
        collector.await(100);
    }

    private void publish_toABlockedSubscriber_doesNotBlock() {
        String subject = unique("orders");
        Gate gate = gate();
        connect().subscribe(subject, delivery -> gate.pass());
        publish(connect(), subject, bodies("order", 100));
    }

    @Rule("PUB-10")
    default void publish_bodyChangedByItsOwner_receiversKeepWhatWasSent() {
        String subject = unique("orders");
        Collector first = collector();
        Collector second = collector();
        Messenger subscriber = connect();
        subscriber.subscribe(subject, delivery -> {
            first.handle(delivery);
            Arrays.fill(delivery.message().bytes(), (byte) 'x');
        });
        subscriber.subscribe(subject, second);
        Messenger publisher = connect();
        byte[] body = "as it was sent".getBytes(UTF_8);
        Message message = Message.of(body).withHeader("trace", "7");

        var publication = publisher.publish(subject, message);
        Arrays.fill(body, (byte) 'x');
        get(publication);
        fence(publisher, subject, first, second);

        assertThat(first.texts()).containsExactly("as it was sent");
        assertThat(second.texts()).containsExactly("as it was sent");
        assertThat(message.text()).as("the message after it was sent").isEqualTo("as it was sent");
        assertThat(message.headers().all("trace")).containsExactly("7");
    }

    @Rule("PUB-11")
    default void transport_usedBeforeItsStart_failsWithNotConnected() {
        Transport transport = harness().newTransport(harness().fixture().url());
        String subject = unique("orders");

        Spi.Sent sent = new Spi.Sent();
        assertThrows(ErrorCode.NOT_CONNECTED, () -> {
            transport.publish(new OutboundMessage(subject, Message.empty(), 0), sent);
            Spi.await(sent, timing());
        });
        assertThrows(
                ErrorCode.NOT_CONNECTED,
                () -> Spi.await(
                        transport.subscribe(new SubscribeSpec(subject, null, 1, false), new SpiCollector()), timing()));
        assertThrows(ErrorCode.NOT_CONNECTED, () -> Spi.await(transport.flush(timing().signal()), timing()));
    }

    @Rule("PUB-12")
    default void publish_thatIsRefused_doesNotHarmLaterOnes() {
        String subject = unique("orders");
        String other = unique("orders");
        Collector collector = collector();
        Collector elsewhere = collector();
        Messenger subscriber = connect();
        subscriber.subscribe(subject, collector);
        subscriber.subscribe(other, elsewhere);
        Messenger publisher = connect();
        Message tooLarge = Message.wrap(new byte[(int) capabilities().limits().maxBodyBytes() + 1]);

        publish(publisher, subject, List.of("before"));
        AntiphonException failure = assertFails(ErrorCode.TOO_LARGE, publisher.publish(subject, tooLarge));
        publish(publisher, subject, List.of("after"));
        publish(publisher, other, List.of("elsewhere"));
        fence(publisher, subject, collector);
        fence(publisher, other, elsewhere);

        assertThat(failure.subject()).isEqualTo(subject);
        assertThat(failure.mayHaveExecuted()).isFalse();
        assertThat(collector.texts()).containsExactly("before", "after");
        assertThat(elsewhere.texts()).containsExactly("elsewhere");
        assertThat(publisher.stats().reconnects()).as("connections lost").isZero();
    }

    @Rule("PUB-13")
    default void flush_everythingBeforeIt_isAheadOfWhatOthersSendAfterIt() {
        String subject = unique("orders");
        SpiCollector collector = new SpiCollector();
        Spi.await(transport().subscribe(new SubscribeSpec(subject, null, 1, true), collector), timing());
        Transport first = transport();
        Transport second = transport();

        for (int round = 0; round < 50; round++) {
            first.publish(new OutboundMessage(subject, Message.of("first-" + round), 0), new Spi.Sent());
            Spi.await(first.flush(timing().signal()), timing());
            second.publish(new OutboundMessage(subject, Message.of("second-" + round), 0), new Spi.Sent());
            Spi.await(second.flush(timing().signal()), timing());
        }
        eventually("all messages", () -> assertThat(collector.texts()).hasSize(100));

        for (int round = 0; round < 50; round++) {
            assertThat(collector.texts().subList(2 * round, 2 * round + 2))
                    .containsExactly("first-" + round, "second-" + round);
        }
    }

    @Rule("PUB-14")
    default void publisher_thatOnlySends_leavesNothingAtTheBroker() {
        String name = harness().connectionName();
        Messenger publisher = connect(builder -> builder.name(name));
        var inspector = inspector();
        List<String> before =
                inspector.map(asked -> asked.subscribedSubjects(name)).orElse(List.of());

        for (int i = 0; i < 100; i++) {
            publish(publisher, unique("orders"), List.of("order"));
        }
        roundTrip(publisher);

        assertThat(before).as("its reply channel, and nothing else").hasSizeLessThanOrEqualTo(1);
        inspector.ifPresent(asked -> eventually(
                "nothing new", () -> assertThat(asked.subscribedSubjects(name)).isEqualTo(before)));
        assertThat(publisher.stats().delivered()).as("its own fence messages").isEqualTo(1);
    }

    @Rule("PUB-15")
    default void send_callsBackExactlyOnce() {
        String subject = unique("orders");
        Transport transport = transport();
        Spi.await(transport.subscribe(new SubscribeSpec(subject, null, 1, false), new SpiCollector()), timing());
        List<Spi.Sent> sends = Stream.generate(Spi.Sent::new).limit(100).toList();

        sends.forEach(sent -> transport.publish(new OutboundMessage(subject, Message.of("order"), 0), sent));
        sends.forEach(sent -> Spi.await(sent, timing()));
        Spi.await(transport.flush(timing().signal()), timing());
        transport.close(timing().signal());

        assertThat(sends)
                .extracting(Spi.Sent::calls)
                .as("what each send was told")
                .containsOnly(List.of("onSent"));
        Spi.Sent late = new Spi.Sent();
        assertThrows(ErrorCode.CLOSED, () -> {
            transport.publish(new OutboundMessage(subject, Message.of("too late"), 0), late);
            Spi.await(late, timing());
        });
        assertThat(late.calls()).hasSizeLessThanOrEqualTo(1);
    }
}
