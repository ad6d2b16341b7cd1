package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.Delivery;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerBuilder;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rules about leaving at once: {@code CLO} in the specification. */
interface CloseRules extends Conformance {
    @Rule("CLO-01")
    default void close_calledAgain_doesNothing() {
        String subject = unique("again");
        Messenger messenger = connect();
        Subscription subscription = messenger.respond(subject, Request::message);

        assertThatCode(() -> {
                    subscription.close();
                    subscription.close();
                    messenger.close();
                    messenger.close();
                    subscription.close();
                })
                .doesNotThrowAnyException();
        assertThat(messenger.state()).isEqualTo(ConnectionState.CLOSED);

        Messenger drained = connect();
        assertThat(get(drained.drain(timing().signal())).complete()).isTrue();
        assertThatCode(drained::close).doesNotThrowAnyException();
        assertThat(get(drained.drain(timing().signal())).complete()).isTrue();

        Messenger closedByMany = connect();
        List<CompletableFuture<Void>> closers = Stream.generate(() -> Background.run(closedByMany::close))
                .limit(10)
                .toList();
        closers.forEach(this::get);
        assertThat(closedByMany.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Rule("CLO-02")
    default void everythingAfterClose_failsWithClosed() {
        String subject = unique("closed");
        Messenger messenger = connect();
        Subscription subscription = messenger.subscribe(subject, delivery -> {});
        messenger.close();

        AntiphonException failure = assertThrows(ErrorCode.CLOSED, () -> messenger.request(subject, Message.of("?")));
        assertThat(failure.mayHaveExecuted()).isFalse();
        assertThrows(
                ErrorCode.CLOSED,
                () -> messenger.publish(subject, Message.of("?")).isDone());
        assertThrows(ErrorCode.CLOSED, () -> messenger.subscribe(subject, delivery -> {}));
        assertThrows(ErrorCode.CLOSED, () -> messenger.respond(subject, Request::message));
        assertThrows(ErrorCode.CLOSED, () -> messenger.respondAsync(subject, request -> new CompletableFuture<>()));
        assertFails(ErrorCode.CLOSED, messenger.drain(timing().signal()));

        assertThat(messenger.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(messenger.stats().inFlight()).isZero();
        assertThat(subscription.isActive()).isFalse();
    }

    @Rule("CLO-03")
    default void requestsInFlight_haveFailedWhenCloseReturns() {
        String subject = unique("pending");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger messenger = connect();
        RequestOptions patient = RequestOptions.timeout(Duration.ofMinutes(1));
        List<Call> calls = Stream.generate(() -> messenger.request(subject, Message.of("?"), patient))
                .limit(1000)
                .toList();
        List<CompletableFuture<String>> dependents = calls.stream()
                .map(call -> call.handle((reply, failure) -> reply == null ? "failed" : "answered")
                        .toCompletableFuture())
                .toList();
        assertThat(held.next(1000)).hasSize(1000);

        messenger.close();

        assertThat(calls).allMatch(Call::isDone);
        assertThat(calls)
                .allSatisfy(
                        call -> assertThat(assertFails(ErrorCode.CLOSED, call).mayHaveExecuted())
                                .isTrue());
        assertThat(dependents).extracting(this::get).containsOnly("failed");
        assertThat(messenger.stats().inFlight()).isZero();
        assertThat(messenger.stats().consistent()).isTrue();
    }

    @Rule(value = "CLO-12", seconds = 120)
    default void close_isBoundedWhateverHangs() {
        String subject = unique("hang");
        Duration bound = timing().signal().dividedBy(2);
        Messenger messenger = connect();
        CompletableFuture<Message> never = new CompletableFuture<>();
        harness().closing(() -> never.complete(Message.empty()));
        CompletableFuture<String> running = new CompletableFuture<>();
        messenger.respond(subject, request -> {
            running.complete("running");
            return never.join(); // an interrupt does not end this
        });
        Call call = messenger.request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofMinutes(1)));
        assertThat(get(running)).isEqualTo("running");

        assertClosesWithin(bound, messenger, call);

        if (supports(Capability.AUTO_RECONNECT)) {
            BrokerControl broker = privateBroker();
            assertClosesWithout(broker.proxiedUrl(), broker.proxy()::disappear, bound);
            assertClosesWithout(broker.url(), broker::pause, bound);
        }
    }

    private void assertClosesWithout(String url, Runnable fault, Duration bound) {
        Messenger messenger = connectTo(url);
        String subject = unique("held");
        CompletableFuture<Message> never = new CompletableFuture<>();
        harness().closing(() -> never.complete(Message.empty())); // what nobody refers to is found, and answered
        connectTo(url).respondAsync(subject, request -> never);
        RequestOptions waiting = RequestOptions.timeout(Duration.ofMinutes(1)).withOnDisconnect(DisconnectPolicy.WAIT);
        Call call = messenger.request(subject, Message.of("?"), waiting);
        roundTrip(messenger);

        fault.run();

        assertClosesWithin(bound, messenger, call);
    }

    private void assertClosesWithin(Duration bound, Messenger messenger, Call pending) {
        Stopwatch stopwatch = new Stopwatch();
        messenger.close();
        stopwatch.assertLessThan(bound);
        assertThat(pending.isDone()).isTrue();
        AntiphonException failure = catchThrowableOfType(AntiphonException.class, pending::join);
        // Where the address of the reply goes with the connection, the loss may have ended it before.
        assertThat(failure.code())
                .isIn(
                        ErrorCode.CLOSED,
                        supports(Capability.REPLY_ADDRESS_SURVIVES_RECONNECT)
                                ? ErrorCode.CLOSED
                                : ErrorCode.CONNECTION_LOST);
        assertThat(messenger.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Rule("CLO-13")
    default void messagesPublishedBeforeClose_arrive() {
        // Made before, so that the sends come faster than they can be written.
        List<Message> messages = IntStream.range(0, 2000)
                .mapToObj(i -> Message.wrap(new byte[1000 + i % 10]))
                .toList();
        for (int round = 0; round < repetitions(20); round++) {
            String subject = unique("last");
            Collector collector = collector();
            connect().subscribe(subject, collector);
            Messenger publisher = connect();
            CompletableFuture<?>[] sends = messages.stream()
                    .map(message -> publisher.publish(subject, message))
                    .toArray(CompletableFuture<?>[]::new);

            get(CompletableFuture.allOf(sends));
            publisher.close();

            assertThat(collector.await(2000))
                    .extracting(Delivery::message)
                    .extracting(Message::size)
                    .containsExactlyElementsOf(
                            messages.stream().map(Message::size).toList());
        }
    }

    @Rule("CLO-14")
    default void messengerMadeAfterAnother_worksAsTheFirst() {
        String subject = unique("rebirth");
        MessengerBuilder builder = builder(harness().fixture().url());
        Messenger other = connect();
        for (int life = 0; life < 5; life++) {
            Messenger messenger = harness().closing(builder.connect());
            String answer = "life-" + life;
            messenger.respond(subject, request -> Message.of(answer));
            assertThat(messenger.state()).isEqualTo(ConnectionState.CONNECTED);

            assertThat(other.request(subject, Message.of("?")).join().text()).isEqualTo(answer);
            assertThat(messenger.request(subject, Message.of("?")).join().text())
                    .isEqualTo(answer);
            messenger.close();
            RequestOptions brief = RequestOptions.timeout(Duration.ofMillis(250));
            eventually("it is gone", () -> assertFails(unserved(), other.request(subject, Message.of("?"), brief)));
        }
    }

    @Rule("CLO-15")
    default void closingMessengers_doNotDisturbOthers() {
        String subject = unique("survivor");
        Messenger responder = connect();
        responder.respond(subject, Request::message);
        Messenger requester = connect();
        List<Messenger> leaving = Stream.generate(this::connect).limit(10).toList();
        leaving.forEach(messenger -> messenger.subscribe(subject, delivery -> {}));
        Call across = requester.request(subject, Message.of("before"));

        List<CompletableFuture<Void>> closers = leaving.stream()
                .map(messenger -> Background.run(messenger::close))
                .toList();
        List<Call> meanwhile = bodies("meanwhile", 200).stream()
                .map(body -> requester.request(subject, Message.of(body)))
                .toList();
        closers.forEach(this::get);

        assertThat(across.join().text()).isEqualTo("before");
        assertThat(meanwhile)
                .extracting(call -> call.join().text())
                .containsExactlyElementsOf(bodies("meanwhile", 200));
        for (Messenger survivor : List.of(requester, connect())) {
            assertThat(survivor.request(subject, Message.of("after")).join().text())
                    .isEqualTo("after");
        }
        assertThat(List.of(requester.state(), responder.state())).containsOnly(ConnectionState.CONNECTED);
    }

    @Rule("CLO-18")
    default void ordinaryLife_logsNoWarning() {
        String subject = unique("quiet");
        HeldRequests held = HeldRequests.at(rawClient(), subject + ".held", timing());
        try (LogCapture log = LogCapture.open()) {
            Messenger responder = connect();
            responder.respond(subject, Request::message);
            Messenger requester = connect();
            assertThat(requester.request(subject, Message.of("?")).join().text())
                    .isEqualTo("?");
            RequestOptions brief = RequestOptions.timeout(Duration.ofMillis(250));
            assertFails(ErrorCode.TIMEOUT, requester.request(subject + ".held", Message.of("?"), brief));
            held.next().reply(Message.of("late"));
            eventually(
                    "the late reply is counted",
                    () -> assertThat(requester.stats().lateReplies()).isEqualTo(1));
            Call pending = requester.request(subject + ".held", Message.of("?"));
            assertThat(get(responder.drain(timing().signal())).complete()).isTrue();
            requester.close();
            assertFails(ErrorCode.CLOSED, pending);

            assertThat(log.warnings()).isEmpty();
        }
    }
}
