package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerOptions;
import dev.antiphon.MessengerStats;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rules about timeouts: {@code TMO} in the specification. */
interface TimeoutRules extends Conformance {
    @Rule("TMO-01")
    default void timeout_comesNotBeforeAndNotLongAfterItsTime() {
        String subject = silentSubject();
        Messenger requester = connect();
        // The longest first: a transport may have to make ready what the first request to a subject needs before it can
        // send it.
        for (int millis : List.of(1100, 300, 99, 10, 1)) {
            Duration timeout = Duration.ofMillis(millis);

            Stopwatch stopwatch = new Stopwatch();
            Call call = requester.request(subject, Message.of("?"), RequestOptions.timeout(timeout));
            AntiphonException failure = assertFails(ErrorCode.TIMEOUT, call);

            stopwatch.assertWithin(timeout, timing().grace());
            assertThat(failure.retryable()).isTrue();
            if (millis > 10) { // less may be over before it is sent
                assertThat(failure.mayHaveExecuted()).isTrue();
            }
            assertThat(failure.subject()).isEqualTo(subject);
            assertThat(failure.requestId()).isEqualTo(call.id());
        }
    }

    @Rule("TMO-02")
    default void timeoutOfARequest_goesBeforeTheDefault() {
        String subject = silentSubject();
        Messenger requester = connect(builder -> builder.requestTimeout(Duration.ofMillis(500)));

        assertTimesOutAfter(Duration.ofMillis(500), () -> requester.request(subject, Message.of("?")));
        for (Duration own : List.of(Duration.ofMillis(100), Duration.ofMillis(1200))) {
            assertTimesOutAfter(own, () -> requester.request(subject, Message.of("?"), RequestOptions.timeout(own)));
        }
    }

    @Rule("TMO-03")
    default void requestThatWasAnswered_doesNotTimeOutAnyMore() {
        String subject = unique("answered");
        connect().respond(subject, Request::message);
        String silent = silentSubject();
        Messenger requester = connect();
        RequestOptions options = RequestOptions.timeout(Duration.ofMillis(500));

        List<Call> answered = Stream.generate(() -> requester.request(subject, Message.of("?"), options))
                .limit(50)
                .toList();
        assertThat(answered).allSatisfy(call -> assertThat(call.join().text()).isEqualTo("?"));
        assertThat(requester.stats().timersArmed()).isZero();
        // Armed after the others and for as long: when it fires, theirs would have fired.
        assertFails(ErrorCode.TIMEOUT, requester.request(silent, Message.of("?"), options));

        assertThat(answered).allSatisfy(call -> assertThat(call.join().text()).isEqualTo("?"));
        assertThat(requester.stats().timeouts()).isEqualTo(1);
    }

    @Rule("TMO-04")
    default void clock_startsWhenTheRequestIsMade() {
        String subject = silentSubject();
        Messenger requester = connect(builder -> builder.maxInFlight(1).onInFlightLimit(OverloadPolicy.WAIT));
        Call first = requester.request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofMillis(300)));

        // The second one waits for the end of the first; the third waits for the second in vain.
        CompletableFuture<Void> second = Background.run(() -> assertTimesOutAfter(
                Duration.ofMillis(900),
                () -> requester.request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofMillis(900)))));
        assertFails(ErrorCode.TIMEOUT, first);
        eventually(
                "the second one is sent",
                () -> assertThat(requester.stats().requestsSent()).isEqualTo(2));
        AntiphonException third = assertTimesOutAfter(
                Duration.ofMillis(200),
                () -> requester.request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofMillis(200))));

        assertThat(third.mayHaveExecuted()).as("it was never sent").isFalse();
        assertThat(requester.stats().requestsSent()).isEqualTo(2);
        get(second);
    }

    @Rule("TMO-05")
    default void timeoutsOutOfRange_areRefused() {
        List<Duration> wrong = List.of(
                Duration.ZERO,
                Duration.ofNanos(-1),
                Duration.ofSeconds(-5),
                MessengerOptions.MAX_TIMEOUT.plusNanos(1),
                Duration.ofMillis(Long.MAX_VALUE),
                Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
                Duration.ofSeconds(Long.MIN_VALUE));
        for (Duration timeout : wrong) {
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> RequestOptions.timeout(timeout));
            assertThrows(
                    ErrorCode.INVALID_ARGUMENT,
                    () -> builder(harness().fixture().url()).requestTimeout(timeout));
        }
        String subject = silentSubject();
        Messenger requester = connect();
        Call shortest = requester.request(subject, Message.of("?"), RequestOptions.timeout(Duration.ofNanos(1)));
        assertFails(ErrorCode.TIMEOUT, shortest);
        Call longest =
                requester.request(subject, Message.of("?"), RequestOptions.timeout(MessengerOptions.MAX_TIMEOUT));
        assertThat(longest.isDone()).isFalse();
        assertThat(longest.cancel()).isTrue();
    }

    @Rule(value = "TMO-06", seconds = 120)
    default void timeout_comesWhileTheBrokerIsAway() {
        if (!supports(Capability.AUTO_RECONNECT)) {
            assertThat(harness().fixture().openBroker()).isEmpty();
            assertThat(connect().state()).isEqualTo(ConnectionState.CONNECTED);
            return;
        }
        BrokerControl broker = privateBroker();
        String subject = unique("away");
        CompletableFuture<Message> never = new CompletableFuture<>();
        harness().closing(() -> never.complete(Message.empty())); // what nobody refers to is found, and answered
        Set<String> arrived = ConcurrentHashMap.newKeySet();
        connectTo(broker.url()).respondAsync(subject, request -> {
            arrived.add(request.text());
            return never;
        });
        Messenger requester = connectTo(broker.url());
        RequestOptions waiting = RequestOptions.DEFAULTS.withOnDisconnect(DisconnectPolicy.WAIT);
        Duration second = Duration.ofSeconds(1);
        // Where a subject is an entity of the broker, it is looked up for the first request.
        assertFails(ErrorCode.TIMEOUT, requester.request(subject, Message.of("?"), waiting.withTimeout(second)));

        broker.pause();
        assertTimesOutAfter(second, () -> requester.request(subject, Message.of("?"), waiting.withTimeout(second)));
        broker.resume();
        Supplier<Call> interrupted = () -> {
            Call call = requester.request(subject, Message.of("!"), waiting.withTimeout(Duration.ofSeconds(3)));
            eventually("it is being handled", () -> assertThat(arrived).contains("!"));
            broker.stop(); // which may part with the responder first, and then find nobody for what comes
            return call;
        };
        // Without an address that survives, its reply can not come any more: there is nothing to wait for.
        AntiphonException sent = supports(Capability.REPLY_ADDRESS_SURVIVES_RECONNECT)
                ? assertTimesOutAfter(Duration.ofSeconds(3), interrupted)
                : assertFails(ErrorCode.CONNECTION_LOST, interrupted.get());
        assertThat(sent.mayHaveExecuted()).isTrue();
        eventually("the loss is noticed", () -> assertThat(requester.state()).isEqualTo(ConnectionState.RECONNECTING));
        AntiphonException unsent = assertTimesOutAfter(
                second, () -> requester.request(subject, Message.of("?"), waiting.withTimeout(second)));
        assertThat(unsent.mayHaveExecuted()).as("it could not be sent").isFalse();
    }

    @Rule("TMO-07")
    default void codeThatBlocks_doesNotDelayOtherTimeouts() {
        String subject = unique("block");
        String silent = silentSubject();
        Gate gate = gate();
        ExecutorService single = Executors.newSingleThreadExecutor();
        harness().closing(single::shutdownNow);
        Messenger requester = connect();
        Messenger withOneThread = connect(builder -> builder.completionExecutor(single));
        requester.respond(subject + ".held", request -> {
            gate.pass();
            return request.message();
        });
        // A stage added to a call that has ended would run, and block, on this thread.
        Gate added = gate();
        requester.respond(subject, request -> {
            added.pass();
            return request.message();
        });
        List<CompletionStage<Void>> blocked = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            Messenger messenger = i == 0 ? withOneThread : requester;
            blocked.add(messenger.request(subject, Message.of("?")).thenAccept(reply -> passUnchecked(gate)));
            requester.request(subject + ".held", Message.of("?"), RequestOptions.timeout(Duration.ofMinutes(1)));
        }
        added.open();
        eventually("everybody blocks", () -> assertThat(gate.arrived()).isEqualTo(64));

        Duration timeout = Duration.ofMillis(200);
        RequestOptions brief = RequestOptions.timeout(timeout);
        assertTimesOutAfter(timeout, () -> requester.request(silent, Message.of("?"), brief));
        for (Messenger messenger : List.of(requester, withOneThread)) {
            Stopwatch stopwatch = new Stopwatch();
            Call call = messenger.request(silent, Message.of("?"), brief);
            assertThrows(ErrorCode.TIMEOUT, call::join);
            stopwatch.assertWithin(timeout, timing().grace());
        }
        gate.open();
        blocked.forEach(stage -> get(stage.toCompletableFuture()));
    }

    @Rule("TMO-08")
    default void thousandsOfTimeoutsAtOnce_allComeAndLeaveNothing() {
        String subject = silentSubject();
        Messenger requester = connect();
        Duration timeout = Duration.ofSeconds(1);

        Stopwatch stopwatch = new Stopwatch();
        List<Call> calls = IntStream.range(0, 10_000)
                .mapToObj(i -> requester.request(subject, Message.empty(), RequestOptions.timeout(timeout)))
                .toList();
        Duration toMake = stopwatch.elapsed();
        calls.forEach(call -> get(call.handle((reply, failure) -> true).toCompletableFuture()));

        // Before the failures are looked at, which takes longer.
        stopwatch.assertWithin(timeout, toMake.plus(timing().grace()));
        calls.forEach(call -> assertFails(ErrorCode.TIMEOUT, call));
        MessengerStats stats = requester.stats();
        assertThat(stats.timeouts()).isEqualTo(10_000);
        assertThat(stats.inFlight()).isZero();
        assertThat(stats.timersArmed()).isZero();
        assertThat(stats.consistent()).isTrue();
    }

    @Rule(value = "TMO-09", seconds = 120)
    default void replyAndTimeoutAtTheSameMoment_oneOfThemEndsTheRequest() {
        String subject = unique("race");
        Messenger responder = connect();
        responder.respondAsync(subject, TimeoutRules::replyAtTheDeadline);
        Messenger requester = connect();
        RequestOptions options = RequestOptions.timeout(twiceWhatABurstTakes(1000));
        AtomicLong ends = new AtomicLong();
        int rounds = repetitions(100);
        for (int round = 0; round < rounds; round++) {
            Stream.generate(() -> requester.request(subject, Message.of("?"), options))
                    .limit(1000)
                    .map(call -> call.handle((reply, failure) -> ends.incrementAndGet()))
                    .toList()
                    .forEach(stage -> get(stage.toCompletableFuture()));
        }

        MessengerStats stats = requester.stats();
        assertThat(ends).as("requests that ended").hasValue(rounds * 1000L);
        assertThat(stats.repliesReceived() + stats.timeouts()).isEqualTo(rounds * 1000L);
        assertThat(stats.repliesReceived()).as("replies that won").isPositive();
        assertThat(stats.timeouts()).as("timeouts that won").isPositive();
        eventually("each reply that lost is counted", () -> {
            long lost = responder.stats().requestsAnswered() - stats.repliesReceived();
            if (supports(Capability.NATIVE_EXPIRY)) {
                assertThat(surplus(requester))
                        .as("unless the broker dropped it")
                        .isBetween(0L, lost);
            } else {
                assertThat(surplus(requester)).isEqualTo(lost);
            }
        });
        assertThat(requester.stats().duplicateReplies()).isZero();
    }

    @Rule("TMO-10")
    default void interruptedCaller_cancelsItsRequest() throws InterruptedException {
        String subject = silentSubject();
        Messenger requester = connect(builder -> builder.maxInFlight(1).requestTimeout(Duration.ofMinutes(1)));

        interruptOnceItWaits(() -> requester.request(subject, Message.of("?")).join());
        assertThat(requester.stats().inFlight()).isZero();
        assertThat(requester.stats().consistent()).isTrue();

        Call holdsThePermit = requester.request(subject, Message.of("?"));
        interruptOnceItWaits(() -> requester.request(subject, Message.of("?")).join());
        assertThat(holdsThePermit.isDone()).isFalse();
        assertThat(requester.stats().inFlight()).isEqualTo(1);
    }

    // -- Steps --

    private AntiphonException assertTimesOutAfter(Duration timeout, Supplier<Call> request) {
        Stopwatch stopwatch = new Stopwatch();
        AntiphonException failure = assertFails(ErrorCode.TIMEOUT, request.get());
        stopwatch.assertWithin(timeout, timing().grace());
        return failure;
    }

    private static void passUnchecked(Gate gate) {
        try {
            gate.pass();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** For requests of which some are to be answered in time, and some not, over any broker; at least 60 ms. */
    private Duration twiceWhatABurstTakes(int requests) {
        String subject = unique("echo");
        connect().respondAsync(subject, request -> CompletableFuture.completedFuture(request.message()));
        Messenger requester = connect();
        Duration burst = Duration.ZERO;
        for (int i = 0; i < 3; i++) { // the last one counts: the first are slower
            Stopwatch stopwatch = new Stopwatch();
            Stream.generate(() -> requester.request(subject, Message.of("?")))
                    .limit(requests)
                    .toList()
                    .forEach(call -> get(call.toCompletableFuture()));
            burst = stopwatch.elapsed();
        }
        return Collections.max(List.of(Duration.ofMillis(60), burst.multipliedBy(2)));
    }

    /** Replies around the moment at which the requester gives up, and so that some are in time over a broker. */
    private static CompletionStage<Message> replyAtTheDeadline(Request request) {
        long left = request.remaining().orElseThrow().toNanos();
        long jitter = ThreadLocalRandom.current().nextLong(-left * 2 / 3 - 1, 5_000_000);
        return CompletableFuture.supplyAsync(
                request::message,
                CompletableFuture.delayedExecutor(left + jitter, TimeUnit.NANOSECONDS, Runnable::run));
    }

    private static long surplus(Messenger requester) {
        MessengerStats stats = requester.stats();
        return stats.lateReplies() + stats.unknownReplies();
    }

    /** Interrupts a thread that waits in {@code request}, which must throw CANCELLED and keep the flag. */
    private void interruptOnceItWaits(Runnable request) throws InterruptedException {
        CompletableFuture<Boolean> flag = new CompletableFuture<>();
        Thread caller = new Thread(() -> {
            try {
                assertThrows(ErrorCode.CANCELLED, request::run);
                flag.complete(Thread.currentThread().isInterrupted());
            } catch (AssertionError e) {
                flag.completeExceptionally(e);
            }
        });
        caller.start();
        eventually(
                "the caller waits",
                () -> assertThat(caller.getState()).isIn(Thread.State.WAITING, Thread.State.TIMED_WAITING));
        caller.interrupt();
        assertThat(get(flag)).as("the interrupted flag is restored").isTrue();
        caller.join(timing().signal().toMillis());
    }
}
