package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.DrainReport;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Rules about leaving without losing anything: {@code CLO} in the specification. */
interface DrainRules extends Conformance {
    @Rule("CLO-04")
    default void drain_finishesEverythingThatWasTaken() {
        String subject = unique("drain");
        HeldRequests held = HeldRequests.at(rawClient(), subject + ".elsewhere", timing());
        Messenger leaving = connect();
        Messenger other = connect();
        Collector collector = collector();
        Gate gate = gate();
        leaving.respond(subject, request -> echoBehind(gate, request), RespondOptions.DEFAULTS.withConcurrency(2));
        leaving.subscribe(subject + ".news", delivery -> {
            gate.pass();
            collector.handle(delivery);
        });
        List<Call> requests = ask(other, subject, 6);
        publish(other, subject + ".news", bodies("news", 3));
        Call own = leaving.request(subject + ".elsewhere", Message.of("?"), patient());
        RawMessage atTheOther = held.next();
        eventually("everything has arrived", () -> {
            assertThat(leaving.stats().requestsReceived()).isEqualTo(6);
            assertThat(leaving.stats().delivered()).isEqualTo(3);
        });

        CompletableFuture<DrainReport> drain = leaving.drain(timing().signal());
        assertThat(drain).isNotDone();
        gate.open();
        assertThat(requests).extracting(call -> call.join().text()).containsExactlyElementsOf(bodies("question", 6));
        assertThat(drain).as("our own request is still in flight").isNotDone();
        atTheOther.reply(Message.of("answer"));

        assertThat(own.join().text()).isEqualTo("answer");
        DrainReport report = get(drain);
        assertThat(collector.texts()).containsExactlyElementsOf(bodies("news", 3));
        assertThat(report.complete()).as("%s", report).isTrue();
        assertThat(report.handled()).isEqualTo(9);
        assertThat(report.repliesReceived()).isEqualTo(1);
        assertThat(leaving.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Rule("CLO-05")
    default void drainThatReachesItsLimit_saysWhatItAbandoned() {
        String subject = unique("limit");
        HeldRequests held = HeldRequests.at(rawClient(), subject + ".elsewhere", timing());
        Messenger leaving = connect();
        Messenger other = connect();
        Gate gate = gate();
        leaving.respond(subject, request -> echoBehind(gate, request), RespondOptions.DEFAULTS.withConcurrency(1));
        Call running = other.request(subject, Message.of("running"), patient());
        eventually("a handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));
        List<Call> queued = ask(other, subject, 3);
        Call own = leaving.request(subject + ".elsewhere", Message.of("?"), patient());
        assertThat(held.next().asksForReply()).isTrue();
        eventually(
                "all have arrived",
                () -> assertThat(leaving.stats().requestsReceived()).isEqualTo(4));
        Duration limit = Duration.ofMillis(300);

        Stopwatch stopwatch = new Stopwatch();
        DrainReport report = get(leaving.drain(limit));

        stopwatch.assertWithin(limit, timing().grace());
        assertThat(report.complete()).isFalse();
        assertThat(report.handled()).isZero();
        assertThat(report.abandoned()).isEqualTo(4);
        assertThat(report.requestsFailed()).isEqualTo(1);
        assertFails(ErrorCode.CLOSED, own);
        queued.forEach(call -> assertFails(ErrorCode.UNAVAILABLE, call));
        assertThat(gate.arrived()).as("handlers that ran").isEqualTo(1);
        assertThat(assertFails(ErrorCode.UNAVAILABLE, running).mayHaveExecuted())
                .as("of the one that was being handled")
                .isTrue();
        assertThat(leaving.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Rule("CLO-07")
    default void drainCalledAgain_isTheSameDrain() {
        String subject = unique("twice");
        Messenger leaving = connect();
        Messenger other = connect();
        Gate gate = gate();
        Subscription subscription = leaving.respond(subject, request -> echoBehind(gate, request));
        Call call = other.request(subject, Message.of("?"), patient());
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));

        List<CompletableFuture<DrainReport>> ofTheSubscription = Stream.generate(
                        () -> subscription.drain(timing().signal()))
                .parallel()
                .limit(8)
                .toList();
        List<CompletableFuture<DrainReport>> drains = Stream.generate(() -> leaving.drain(timing().signal()))
                .parallel()
                .limit(8)
                .toList();
        assertThat(drains).noneMatch(CompletableFuture::isDone);
        gate.open();

        assertThat(drains.stream().map(this::get).distinct()).hasSize(1);
        assertThat(ofTheSubscription.stream().map(this::get).distinct()).hasSize(1);
        assertThat(get(leaving.drain(Duration.ofMillis(1)))).isEqualTo(get(drains.get(0)));
        assertThat(call.join().text()).isEqualTo("?");
    }

    @Rule("CLO-08")
    default void messengerThatDrains_takesNoNewWork() {
        String subject = unique("new");
        Messenger leaving = connect();
        Gate gate = gate();
        leaving.respond(subject, request -> echoBehind(gate, request));
        Call call = connect().request(subject, Message.of("?"), patient());
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));
        CompletableFuture<DrainReport> drain = leaving.drain(timing().signal());

        assertThrows(ErrorCode.CLOSED, () -> leaving.request(subject, Message.of("?")));
        assertThrows(ErrorCode.CLOSED, () -> leaving.respond(subject + ".new", Request::message));
        assertThrows(
                ErrorCode.CLOSED, () -> leaving.respondAsync(subject + ".new", request -> new CompletableFuture<>()));
        assertThrows(ErrorCode.CLOSED, () -> leaving.subscribe(subject + ".new", delivery -> {}));
        assertThrows(
                ErrorCode.CLOSED,
                () -> leaving.publish(subject + ".new", Message.of("?")).isDone());

        assertThat(drain).as("it goes on").isNotDone();
        gate.open();
        assertThat(get(drain).complete()).isTrue();
        assertThat(call.join().text()).isEqualTo("?");
    }

    @Rule("CLO-09")
    default void handlerThatStillRuns_mayUseTheMessenger() {
        String subject = unique("finish");
        Messenger leaving = connect();
        Messenger other = connect();
        Collector collector = collector();
        other.subscribe(subject + ".done", collector);
        other.respond(subject + ".stock", request -> Message.of("17"));
        Gate gate = gate();
        leaving.respond(subject, request -> {
            gate.pass();
            Message stock = leaving.request(subject + ".stock", Message.of("?")).join();
            leaving.publish(subject + ".done", stock).join();
            return stock;
        });
        Call call = other.request(subject, Message.of("?"), patient());
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));

        CompletableFuture<DrainReport> drain = leaving.drain(timing().signal());
        gate.open();

        assertThat(call.join().text()).isEqualTo("17");
        assertThat(get(drain).complete()).isTrue();
        collector.await(1);
        assertThat(collector.texts()).containsExactly("17");
    }

    @Rule("CLO-10")
    default void drainAndCloseWithinAHandler_doNotHang() {
        String subject = unique("within");
        Messenger other = connect();
        Messenger draining = connect();
        CompletableFuture<DrainReport> report = new CompletableFuture<>();
        draining.respond(subject + ".drain", request -> {
            draining.drain(timing().signal()).thenAccept(report::complete).isDone();
            return request.message();
        });
        assertThat(other.request(subject + ".drain", Message.of("bye"), patient())
                        .join()
                        .text())
                .isEqualTo("bye");
        assertThat(get(report).complete()).isTrue();

        for (boolean sameThread : new boolean[] {false, true}) {
            Messenger closing = connect();
            CompletableFuture<ConnectionState> closed = new CompletableFuture<>();
            closing.respond(
                    subject + ".close",
                    request -> {
                        if (request.text().equals("close")) {
                            closing.close();
                            closed.complete(closing.state());
                        }
                        return request.message();
                    },
                    RespondOptions.DEFAULTS.withSameThread(sameThread));
            other.request(subject + ".close", Message.of("are you there?"), patient())
                    .join();
            Call call =
                    other.request(subject + ".close", Message.of("close"), RequestOptions.timeout(timing().grace()));
            assertThat(get(closed)).isEqualTo(ConnectionState.CLOSED);
            assertThat(get(call.handle((reply, failure) -> "ended").toCompletableFuture()))
                    .isEqualTo("ended");
        }
        assertThat(closedWithinAContinuation()).isEqualTo(ConnectionState.CLOSED);
    }

    private ConnectionState closedWithinAContinuation() {
        String subject = unique("continue");
        connect().respond(subject, Request::message);
        Messenger closing = connect();
        return get(closing.request(subject, Message.of("?"))
                .thenApply(reply -> {
                    closing.close();
                    return closing.state();
                })
                .toCompletableFuture());
    }

    @Rule("CLO-11")
    default void responderThatHasDrained_handlesNothingMore() {
        String subject = unique("gone");
        Messenger leaving = connect();
        Messenger other = connect();
        AtomicInteger handled = new AtomicInteger();
        Subscription subscription = leaving.respond(subject, request -> {
            handled.incrementAndGet();
            return request.message();
        });
        assertThat(other.request(subject, Message.of("?")).join().text()).isEqualTo("?");

        assertThat(get(subscription.drain(timing().signal())).complete()).isTrue();

        assertThat(subscription.isActive()).isFalse();
        assertFails(unserved(), other.request(subject, Message.of("?"), timeFor(unserved())));
        assertThat(handled).hasValue(1);
        leaving.respond(subject, request -> Message.of("again"));
        assertThat(other.request(subject, Message.of("?")).join().text())
                .as("the messenger itself goes on")
                .isEqualTo("again");
    }

    @Rule("CLO-16")
    default void membersThatComeAndDrainUnderLoad_loseNoRequest() {
        String subject = unique("rolling");
        Deque<Messenger> members = new ArrayDeque<>();
        members.add(member(subject));
        Messenger requester = connect(builder -> builder.requestTimeout(timing().signal()));
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicInteger answered = new AtomicInteger();
        AtomicBoolean loading = new AtomicBoolean(true);
        harness().closing(() -> loading.set(false));
        List<Thread> load = Stream.generate(() -> new Thread(() -> {
                    while (loading.get()) {
                        askOnce(requester, subject, answered, failures);
                    }
                }))
                .limit(16)
                .toList();
        load.forEach(Thread::start);

        for (int round = 0; round < 6; round++) {
            members.add(member(subject));
            awaitMore(answered, failures, 300);
            DrainReport report = get(members.remove().drain(timing().signal()));
            assertThat(report.complete()).as("%s", report).isTrue();
            awaitMore(answered, failures, 300);
        }
        loading.set(false);
        load.forEach(thread ->
                eventually("the load ends", () -> assertThat(thread.isAlive()).isFalse()));

        assertThat(failures).isEmpty();
        assertThat(requester.stats().repliesReceived()).isEqualTo(answered.get());
    }

    @Rule(value = "CLO-17", seconds = 120)
    default void connectionLostDuringADrain_theDrainEnds() {
        if (!supports(Capability.AUTO_RECONNECT)) {
            assertThat(harness().fixture().openBroker()).isEmpty();
            return;
        }
        BrokerControl broker = privateBroker();
        String subject = unique("cut");
        Messenger leaving = connectTo(broker.proxiedUrl());
        Gate gate = gate();
        leaving.respond(subject, request -> echoBehind(gate, request));
        Call call = connectTo(broker.url()).request(subject, Message.of("?"), patient());
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));
        Duration limit = timing().signal().dividedBy(4);

        Stopwatch stopwatch = new Stopwatch();
        CompletableFuture<DrainReport> drain = leaving.drain(limit);
        broker.proxy().disappear();
        gate.open();

        assertThat(get(drain).elapsed()).isPositive();
        stopwatch.assertLessThan(limit.plus(timing().signal().dividedBy(2)));
        assertThat(leaving.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(call.cancel()).as("its reply went down with the connection").isTrue();
    }

    // -- Steps --

    private static Message echoBehind(Gate gate, Request request) throws InterruptedException {
        gate.pass();
        return request.message();
    }

    private RequestOptions patient() {
        return RequestOptions.timeout(Duration.ofMinutes(1));
    }

    private List<Call> ask(Messenger requester, String subject, int count) {
        return bodies("question", count).stream()
                .map(body -> requester.request(subject, Message.of(body), patient()))
                .toList();
    }

    private Messenger member(String subject) {
        Messenger member = connect();
        RespondOptions shared = RespondOptions.queueGroup("members");
        member.respond(subject, Request::message, supports(Capability.QUEUE_GROUP) ? shared : RespondOptions.DEFAULTS);
        return member;
    }

    private static void askOnce(Messenger requester, String subject, AtomicInteger answered, List<Throwable> failures) {
        try {
            assertThat(requester.request(subject, Message.of("?")).join().text())
                    .isEqualTo("?");
            answered.incrementAndGet();
        } catch (RuntimeException | AssertionError e) {
            failures.add(e);
        }
    }

    private void awaitMore(AtomicInteger answered, List<Throwable> failures, int more) {
        int target = answered.get() + more;
        eventually(
                "the load goes on",
                () -> assertThat(answered.get() + failures.size()).isGreaterThanOrEqualTo(target));
    }
}
