package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerStats;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.ControlHeaders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** Rules about requests that meet with trouble, and about their time: {@code RR} in the specification. */
interface RequestFaultRules extends Conformance {
    /** Longer than any rule waits. */
    Duration LONG = Duration.ofMinutes(2);

    // -- What is left of a request --

    @Rule("RR-17")
    default void requestThatHasEnded_leavesNothing() {
        String subject = unique("ends");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect(builder -> builder.maxInFlight(1).requestTimeout(LONG));
        requester.respond(subject + ".reply", Request::message);
        requester.respond(subject + ".error", request -> {
            throw new IllegalStateException("an error");
        });

        requester.request(subject + ".reply", Message.of("?")).join();
        assertNothingLeft(requester);
        assertFails(ErrorCode.REMOTE, requester.request(subject + ".error", Message.of("?")));
        assertNothingLeft(requester);
        RequestOptions brief = RequestOptions.timeout(Duration.ofMillis(50));
        assertFails(ErrorCode.TIMEOUT, requester.request(subject, Message.of("?"), brief));
        assertNothingLeft(requester);
        assertThat(requester.request(subject, Message.of("?")).cancel()).isTrue();
        assertNothingLeft(requester);
        Message tooLarge =
                Message.wrap(new byte[Math.toIntExact(capabilities().limits().maxBodyBytes()) + 1]);
        assertFails(ErrorCode.TOO_LARGE, requester.request(subject, tooLarge));
        assertNothingLeft(requester);
        ErrorCode unserved = unservedBesidePlainResponder();
        assertFails(unserved, requester.request(subject + ".nobody", Message.of("?"), timeFor(unserved)));
        assertNothingLeft(requester);
        Call pending = requester.request(subject, Message.of("?"));
        assertThat(held.next(3)).hasSize(3);
        requester.close();
        assertFails(ErrorCode.CLOSED, pending);
        assertNothingLeft(requester);
    }

    @Rule("RR-29")
    default void replyAddress_isGoneWithItsMessenger() {
        String subject = unique("address");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        String name = harness().connectionName();
        Messenger requester = connect(builder -> builder.name(name));
        requester.request(subject, Message.of("?"));
        RawMessage request = held.next();

        harness()
                .fixture()
                .inspector()
                // Not every broker lists the address: RabbitMQ's direct reply-to is part of the connection.
                .ifPresent(broker -> assertThat(broker.connectionCount(name))
                        .as("connections of the requester")
                        .isEqualTo(1));
        requester.close();
        harness().fixture().inspector().ifPresent(broker -> assertGone(broker, name));

        MessengerStats atClose = requester.stats();
        request.reply(Message.of("nobody there"));
        roundTrip(connect());
        assertThat(requester.stats()).isEqualTo(atClose);
        if (supports(Capability.AUTO_RECONNECT)) {
            assertAddressOfADeadRequesterIsGone();
        }
    }

    private void assertAddressOfADeadRequesterIsGone() {
        BrokerControl broker = privateBroker();
        String name = harness().connectionName();
        connect(builder -> builder.url(broker.proxiedUrl()).name(name));
        assertThat(broker.inspector().connectionCount(name)).isEqualTo(1);

        broker.proxy().disappear();

        assertGone(broker.inspector(), name);
    }

    // -- Responders and brokers that vanish --

    @Rule("RR-26")
    default void responderThatVanishes_leavesTheRequestToItsDeadline() {
        String subject = unique("vanish");
        Duration timeout = Duration.ofSeconds(1);
        boolean breakable = supports(Capability.AUTO_RECONNECT);
        BrokerControl broker = breakable ? privateBroker() : null;
        Messenger requester = broker == null ? connect() : connectTo(broker.url());
        Gate gate = gate();
        // A responder that closes would say so; this one takes the request and is not heard of again.
        HeldRequests held = broker == null ? HeldRequests.at(rawClient(), subject, timing()) : null;
        if (broker != null) {
            connectTo(broker.proxiedUrl()).respond(subject, request -> {
                gate.pass();
                return request.message();
            });
        }

        Stopwatch sinceRequest = new Stopwatch();
        Call call = requester.request(subject, Message.of("?"), RequestOptions.timeout(timeout));
        if (held != null) {
            held.next();
        }
        if (broker != null) {
            eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));
            broker.proxy().disappear();
        }

        AntiphonException failure = assertFails(ErrorCode.TIMEOUT, call);
        sinceRequest.assertWithin(timeout, timing().grace());
        assertThat(failure.mayHaveExecuted()).isTrue();
        assertNothingLeft(requester);
    }

    @Rule(value = "RR-27", seconds = 120)
    default void brokerThatRestarts_endsRequestsAsTheirPolicySays() {
        if (!supports(Capability.AUTO_RECONNECT)) {
            assertNoConnectionToLose();
            return;
        }
        BrokerControl broker = privateBroker();
        String subject = unique("restart");
        Messenger responder = connectTo(broker.url());
        ParkedRequests parked = new ParkedRequests(timing());
        responder.respondAsync(subject, parked);
        Messenger requester = connectTo(broker.proxiedUrl());
        RequestOptions patient = RequestOptions.timeout(LONG).withIdempotent(true);
        Call failing = requester.request(subject, Message.of("fail"), patient.withOnDisconnect(DisconnectPolicy.FAIL));
        Call waiting = requester.request(subject, Message.of("wait"), patient.withOnDisconnect(DisconnectPolicy.WAIT));
        Call resent =
                requester.request(subject, Message.of("again"), patient.withOnDisconnect(DisconnectPolicy.RESEND));
        parked.await(3);

        broker.proxy().refuseConnections(); // the responder shall be back first
        broker.kill();
        assertThat(assertFails(ErrorCode.CONNECTION_LOST, failing).mayHaveExecuted())
                .isTrue();
        broker.start();
        awaitReconnect(responder, 1);
        broker.proxy().heal();
        awaitReconnect(requester, 1);
        parked.await(4);
        parked.echoAll();

        assertThat(get(resent.toCompletableFuture()).text()).isEqualTo("again");
        if (supports(Capability.REPLY_ADDRESS_SURVIVES_RECONNECT)) {
            assertThat(get(waiting.toCompletableFuture()).text()).isEqualTo("wait");
        } else {
            assertFails(ErrorCode.CONNECTION_LOST, waiting);
        }
        assertThat(parked.seen()).as("requests handled, one of them twice").isEqualTo(4);
        assertNothingLeft(requester);
    }

    @Rule(value = "RR-30", seconds = 120)
    default void reconnectedRequester_getsRepliesAgain() {
        if (!supports(Capability.AUTO_RECONNECT)) {
            assertNoConnectionToLose();
            return;
        }
        BrokerControl broker = privateBroker();
        String subject = unique("reconnect");
        connectTo(broker.url()).respond(subject, Request::message);
        Messenger requester = connectTo(broker.proxiedUrl());
        for (int round = 1; round <= 3; round++) {
            broker.proxy().cut(round == 2 ? Cut.FIN : Cut.RESET);
            awaitReconnect(requester, round);

            List<Call> calls = Stream.generate(() -> requester.request(subject, Message.of("?")))
                    .limit(20)
                    .toList();

            assertThat(calls).allSatisfy(call -> assertThat(call.join().text()).isEqualTo("?"));
        }
    }

    @Rule("RR-38")
    default void responderThatLeaves_failsItsQueuedRequestsAtOnce() {
        String subject = unique("leave");
        Messenger requester = connect(builder -> builder.requestTimeout(LONG));
        Messenger responder = connect();
        Gate gate = gate();
        Subscription subscription = responder.respond(
                subject,
                request -> {
                    gate.pass();
                    return request.message();
                },
                RespondOptions.DEFAULTS.withConcurrency(1));
        Call running = requester.request(subject, Message.of("running"));
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));
        List<Call> queued = Stream.generate(() -> requester.request(subject, Message.of("queued")))
                .limit(5)
                .toList();
        eventually(
                "the others wait",
                () -> assertThat(responder.stats().requestsReceived()).isEqualTo(6));

        subscription.close();

        assertThat(queued)
                .allSatisfy(call -> assertThat(
                                assertFails(ErrorCode.UNAVAILABLE, call).mayHaveExecuted())
                        .isFalse());
        assertThat(running.isDone()).isFalse();
        gate.open();
        assertThat(running.join().text()).isEqualTo("running");
        assertThat(gate.arrived()).as("handlers that ran").isEqualTo(1);
    }

    // -- The time of a request --

    @Rule("RR-31")
    default void requestThatExpiresInTheQueue_isNotHandled() {
        String subject = unique("expire");
        Messenger responder = connect();
        Gate gate = gate();
        List<String> handled = new CopyOnWriteArrayList<>();
        responder.respond(
                subject,
                request -> {
                    handled.add(request.text());
                    gate.pass();
                    return request.message();
                },
                RespondOptions.DEFAULTS.withConcurrency(1));
        Messenger requester = connect();
        Call first = requester.request(subject, Message.of("first"), RequestOptions.timeout(LONG));
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));

        RequestOptions brief = RequestOptions.timeout(Duration.ofMillis(500));
        Call expired = requester.request(subject, Message.of("expired"), brief);
        eventually(
                "it waits",
                () -> assertThat(responder.stats().requestsReceived()).isEqualTo(2));
        assertFails(ErrorCode.TIMEOUT, expired);
        // The responder counts from when it came: later than the requester does.
        assertFails(ErrorCode.TIMEOUT, requester.request(silentSubject(), Message.of("?"), brief));
        Call last = requester.request(subject, Message.of("last"), RequestOptions.timeout(LONG));
        gate.open();

        assertThat(first.join().text()).isEqualTo("first");
        assertThat(last.join().text()).isEqualTo("last");
        assertThat(handled).containsExactly("first", "last");
        assertThat(responder.stats().requestsExpired()).isEqualTo(1);
    }

    @Rule("RR-32")
    default void deadlines_travelAsDurations() {
        String subject = unique("clock");
        RawClient foreign = rawClient();
        HeldRequests held = HeldRequests.at(foreign, subject, timing());
        long before = System.currentTimeMillis();
        connect().request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofSeconds(30)));
        Message onTheWire = held.next().message();

        assertThat(Long.parseLong(onTheWire.header(ControlHeaders.BUDGET).orElseThrow()))
                .as("milliseconds that are left")
                .isBetween(1L, 30_000L);
        onTheWire
                .headers()
                .forEach((name, value) -> assertThat(value)
                        .as("%s has no time of a clock", name)
                        .doesNotContain(Long.toString(before / 1_000_000)));
        CompletableFuture<Duration> remaining = new CompletableFuture<>();
        connect().respond(subject + ".ours", request -> {
            remaining.complete(request.remaining().orElseThrow());
            return request.message();
        });
        Message withBudget = Message.of("?").withHeaders(Headers.received(ControlHeaders.BUDGET, "20000"));
        assertThat(foreign.request(subject + ".ours", withBudget, timing().signal()))
                .isPresent();
        assertThat(get(remaining)).isBetween(Duration.ofSeconds(20).minus(timing().signal()), Duration.ofSeconds(20));
    }

    @Rule("RR-33")
    default void nestedRequests_inheritWhatIsLeftOfTheTime() {
        String subject = unique("budget");
        HeldRequests held = HeldRequests.at(rawClient(), subject + ".inner", timing());
        Messenger middle = connect(builder -> builder.requestTimeout(LONG));
        CompletableFuture<AntiphonException> ambient = new CompletableFuture<>();
        CompletableFuture<AntiphonException> explicit = new CompletableFuture<>();
        middle.respond(subject + ".ambient", request -> {
            Call nested = middle.request(subject + ".inner", request.message());
            ambient.complete(assertFails(ErrorCode.TIMEOUT, nested));
            request.noReply(); // it would race with the timeout
            return null;
        });
        middle.respondAsync(
                subject + ".explicit",
                request -> Background.supply(() -> {
                    Call nested = middle.request(
                            subject + ".inner", request.message(), RequestOptions.DEFAULTS.withParent(request));
                    explicit.complete(assertFails(ErrorCode.TIMEOUT, nested));
                    request.noReply();
                    return Message.empty();
                }));
        Messenger requester = connect();
        Duration timeout = Duration.ofMillis(400);

        for (String kind : List.of("ambient", "explicit")) {
            Stopwatch stopwatch = new Stopwatch();
            Call call = requester.request(subject + "." + kind, Message.of("?"), RequestOptions.timeout(timeout));
            Message nested = held.next().message();
            assertThat(Long.parseLong(nested.header(ControlHeaders.BUDGET).orElseThrow()))
                    .as("the budget of the nested request")
                    .isBetween(1L, timeout.toMillis());
            assertFails(ErrorCode.TIMEOUT, call);
            assertThat(get(kind.equals("ambient") ? ambient : explicit).subject())
                    .isEqualTo(subject + ".inner");
            stopwatch.assertWithin(timeout, timing().grace());
        }
    }

    // -- Steps --

    private static void assertNothingLeft(Messenger messenger) {
        MessengerStats stats = messenger.stats();
        assertThat(List.of(stats.inFlight(), stats.timersArmed(), stats.permitsInUse()))
                .as("entries of the table, timers and permits")
                .containsExactly(0, 0, 0);
        assertThat(stats.consistent()).isTrue();
    }

    private void assertGone(BrokerInspector broker, String name) {
        eventually("nothing of " + name + " is left at the broker", () -> {
            assertThat(broker.connectionCount(name)).isZero();
            assertThat(broker.subscribedSubjects(name)).isEmpty();
        });
    }

    private void awaitReconnect(Messenger messenger, int times) {
        eventually("the connection is back", () -> {
            assertThat(messenger.stats().reconnects()).isEqualTo(times);
            assertThat(messenger.state()).isEqualTo(ConnectionState.CONNECTED);
        });
    }

    /** What holds where there is no connection to lose. */
    private void assertNoConnectionToLose() {
        assertThat(harness().fixture().openBroker()).isEmpty();
        assertThat(connect().state()).isEqualTo(ConnectionState.CONNECTED);
    }
}
