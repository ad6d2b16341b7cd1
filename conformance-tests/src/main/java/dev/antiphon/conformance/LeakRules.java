package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerStats;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.spi.Capabilities.Capability;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Rules about what is left behind: {@code LEAK} in the specification. Those that look at the heap do a thing often enough, in every mode, for
 * what each leaves to stand out from what else happens there.
 */
interface LeakRules extends Conformance {
    /** Uses everything a messenger has, and closes both in the middle of it. */
    private void useAndClose() {
        String subject = unique("all");
        Messenger responder = connect();
        Messenger requester = connect();
        Collector collector = collector();
        responder.respond(subject, request -> request.message());
        responder.respondAsync(subject + ".held", new ParkedRequests(timing()));
        responder.respond(
                subject + ".same", request -> request.message(), RespondOptions.DEFAULTS.withSameThread(true));
        responder.subscribe(subject + ".events", collector);
        responder.subscribe(subject + ".events", collector, SubscribeOptions.DEFAULTS.withSameThread(true));
        for (String body : bodies("job", 50)) {
            get(requester.request(subject, Message.of(body)).toCompletableFuture());
            get(requester.request(subject + ".same", Message.of(body)).toCompletableFuture());
            publish(requester, subject + ".events", List.of(body));
        }
        collector.await(100);
        Call open =
                requester.request(subject + ".held", Message.of("?"), RequestOptions.timeout(Duration.ofMinutes(5)));
        Call brief =
                requester.request(subject + ".held", Message.of("?"), RequestOptions.timeout(Duration.ofMillis(10)));
        assertFails(ErrorCode.TIMEOUT, brief);
        requester.close();
        responder.close();
        assertFails(ErrorCode.CLOSED, open);
    }

    @Rule("LEAK-01")
    default void messengers_closed_leaveNoThreadAndNoTimer() {
        useAndClose(); // what a JVM has once for all is there afterwards
        Set<Thread> before = Residue.threads();

        for (int i = 0; i < 5; i++) {
            useAndClose();
        }

        awaitEndOfThreads(before);
    }

    /** The heap in use when all threads have ended that were started since: what they use is not left, it is on its way out. */
    private long heapWithout(Set<Thread> before) {
        awaitEndOfThreads(before);
        return Residue.usedHeap();
    }

    private void awaitEndOfThreads(Set<Thread> before) {
        eventually(
                "their threads end",
                () -> assertThat(Residue.threadsSince(before)).isEmpty());
    }

    @Rule("LEAK-02")
    default void messengers_closed_leaveNothingAtTheBroker() {
        String name = harness().connectionName();
        Messenger messenger = connect(builder -> builder.name(name));
        Messenger other = connect();
        String subject = unique("orders");
        Optional<BrokerInspector> inspector = inspector();
        List<String> before =
                inspector.map(broker -> broker.subscribedSubjects(name)).orElse(List.of());
        Subscription closed = messenger.subscribe(subject + ".closed", collector());
        Subscription drained = messenger.respond(subject + ".drained", request -> request.message());
        messenger.respond(subject + ".stays", request -> request.message());
        get(other.request(subject + ".stays", Message.of("?")).toCompletableFuture());

        closed.close();
        get(drained.drain(timing().signal()));
        inspector.ifPresent(broker -> {
            List<String> expected = new ArrayList<>(before);
            expected.add(subject + ".stays");
            eventually(
                    "only what is open is left",
                    () -> assertThat(broker.subscribedSubjects(name)).containsExactlyInAnyOrderElementsOf(expected));
            assertThat(broker.connectionCount(name)).isEqualTo(1);
        });
        messenger.close();

        inspector.ifPresent(broker -> eventually(
                "the connection is gone",
                () -> assertThat(broker.connectionCount(name)).isZero()));
        if (supports(Capability.NO_RESPONDERS)) {
            for (String last : List.of(".closed", ".drained", ".stays")) {
                eventually(
                        "nobody serves it",
                        () -> assertFails(ErrorCode.NO_RESPONDERS, other.request(subject + last, Message.of("?"))));
            }
        } else {
            assertFails(ErrorCode.TIMEOUT, other.request(subject + ".stays", Message.of("?"), brief()));
        }
    }

    private static RequestOptions brief() {
        return RequestOptions.timeout(Duration.ofMillis(200));
    }

    @Rule(value = "LEAK-03", seconds = 180)
    default void requests_answeredByTheMillion_leaveNothing() throws InterruptedException {
        // A million takes seconds within a JVM, and minutes over a network.
        int all = capabilities().has(Capability.AUTO_RECONNECT) ? 150_000 : 1_000_000;
        int count = repetitions(all, all / 2);
        String subject = unique("work");
        connect().respond(subject, request -> request.message());
        String name = harness().connectionName();
        Messenger requester = connect(builder -> builder.name(name).maxInFlight(512));
        answer(requester, subject, all / 10);
        List<String> subjects =
                inspector().map(broker -> broker.subscribedSubjects(name)).orElse(List.of());
        long before = Residue.usedHeap();

        answer(requester, subject, count);

        long growth = Residue.usedHeap() - before;
        MessengerStats stats = requester.stats();
        assertThat(stats.repliesReceived()).isEqualTo(count + all / 10);
        assertThat(stats.inFlight()).as("table entries").isZero();
        assertThat(stats.timersArmed()).as("timers").isZero();
        assertThat(stats.permitsInUse()).as("permits").isZero();
        assertThat(growth / count)
                .as("bytes of heap left by each request, %s in all", growth)
                .isLessThan(16);
        assertThat(inspector().map(broker -> broker.subscribedSubjects(name)).orElse(List.of()))
                .isEqualTo(subjects);
    }

    /** Makes so many requests that could wait for five minutes, as many at a time as the messenger allows. */
    private static void answer(Messenger requester, String subject, int count) throws InterruptedException {
        RequestOptions options = RequestOptions.timeout(Duration.ofMinutes(5));
        Message message = Message.of("?");
        CountDownLatch left = new CountDownLatch(count);
        AtomicLong failures = new AtomicLong();
        for (int i = 0; i < count; i++) {
            requester.request(subject, message, options).whenComplete((reply, failure) -> {
                if (failure != null) {
                    failures.incrementAndGet();
                }
                left.countDown();
            });
        }
        assertThat(left.await(1, TimeUnit.MINUTES))
                .as("%s requests have not ended", left.getCount())
                .isTrue();
        assertThat(failures).as("requests that failed").hasValue(0);
    }

    @Rule("LEAK-04")
    default void connecting_refused_leavesNothing() {
        String url = capabilities().has(Capability.AUTO_RECONNECT) ? brokerThatIsGone() : "no-such-scheme://nowhere";
        ErrorCode code = supports(Capability.AUTO_RECONNECT) ? ErrorCode.NOT_CONNECTED : ErrorCode.INVALID_ARGUMENT;
        assertThrows(code, () -> harness().closing(builder(url).connect()));
        Set<Thread> before = Residue.threads();
        long heap = Residue.usedHeap();

        for (int i = 0; i < 50; i++) {
            assertThrows(code, () -> harness().closing(builder(url).connect()));
        }

        assertThat((heapWithout(before) - heap) / 50)
                .as("bytes of heap left by each")
                .isLessThan(20_000);
    }

    private String brokerThatIsGone() {
        BrokerControl broker = privateBroker();
        broker.proxy().disappear();
        return broker.proxiedUrl();
    }

    @Rule("LEAK-05")
    default void handlersAndMessages_doneWith_areCollectable() {
        Messenger messenger = connect();
        String subject = unique("orders");

        List<WeakReference<?>> references = new ArrayList<>();
        references.add(closedSubscription(messenger, subject));
        references.add(drainedResponder(messenger, subject));
        references.add(refusedSubscription(messenger));
        references.add(timedOutRequest(messenger, subject));

        eventually("all are collected", () -> {
            System.gc();
            assertThat(references)
                    .allSatisfy(
                            reference -> assertThat((Object) reference.get()).isNull());
        });
        roundTrip(messenger);
    }

    private WeakReference<?> closedSubscription(Messenger messenger, String subject) {
        Collector handler = collector();
        Subscription subscription = messenger.subscribe(subject, handler);
        publish(messenger, subject, List.of("order"));
        handler.await(1);
        subscription.close();
        return new WeakReference<>(handler);
    }

    private WeakReference<?> drainedResponder(Messenger messenger, String subject) {
        ParkedRequests handler = new ParkedRequests(timing());
        Subscription subscription = messenger.respondAsync(subject + ".held", handler);
        Call call = messenger.request(subject + ".held", Message.of("?"));
        handler.await(1);
        handler.echoAll();
        get(call.toCompletableFuture());
        get(subscription.drain(timing().signal()));
        return new WeakReference<>(handler);
    }

    private WeakReference<?> refusedSubscription(Messenger messenger) {
        Collector handler = collector();
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.subscribe("not..legal", handler));
        return new WeakReference<>(handler);
    }

    private WeakReference<?> timedOutRequest(Messenger messenger, String subject) {
        messenger.respond(subject + ".silent", request -> {
            request.noReply();
            return null;
        });
        Message message = Message.of(new byte[1000]);
        assertFails(ErrorCode.TIMEOUT, messenger.request(subject + ".silent", message, brief()));
        return new WeakReference<>(message);
    }

    @Rule("LEAK-06")
    default void counters_equalWhatHappened() {
        String subject = unique("work");
        ParkedRequests parked = new ParkedRequests(timing());
        Messenger responder = connect();
        responder.respond(subject + ".good", request -> request.message());
        responder.respond(subject + ".bad", request -> {
            throw new RemoteException("BAD", "on purpose");
        });
        responder.respondAsync(subject + ".held", parked);
        Collector collector = collector();
        responder.subscribe(subject + ".events", collector);
        Messenger requester = connect();

        for (int i = 0; i < 10; i++) {
            get(requester.request(subject + ".good", Message.of("?")).toCompletableFuture());
        }
        for (int i = 0; i < 3; i++) {
            assertFails(ErrorCode.REMOTE, requester.request(subject + ".bad", Message.of("?")));
        }
        for (int i = 0; i < 2; i++) {
            assertFails(ErrorCode.TIMEOUT, requester.request(subject + ".held", Message.of("?"), brief()));
        }
        Call cancelled = requester.request(subject + ".held", Message.of("?"));
        parked.await(3);
        assertThat(cancelled.cancel()).isTrue();
        publish(requester, subject + ".events", bodies("event", 5));
        collector.await(5);
        parked.echoAll();

        eventually(
                "the requester's counters",
                () -> assertThat(requester.stats()).usingRecursiveComparison().isEqualTo(requesterStats()));
        eventually(
                "the responder's counters",
                () -> assertThat(responder.stats()).usingRecursiveComparison().isEqualTo(responderStats()));
    }

    private static MessengerStats requesterStats() {
        return new MessengerStats(16, 13, 2, 0, 1, 3, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    private static MessengerStats responderStats() {
        return new MessengerStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Rule("LEAK-07")
    default void executorsOfTheUser_areUsedAndLeftOpen() {
        ExecutorService handlers = Executors.newFixedThreadPool(2, task -> new Thread(task, "users-handler"));
        ExecutorService completions = Executors.newFixedThreadPool(2, task -> new Thread(task, "users-completion"));
        try {
            Messenger messenger =
                    connect(builder -> builder.handlerExecutor(handlers).completionExecutor(completions));
            String subject = unique("work");
            ParkedRequests parked = new ParkedRequests(timing());
            messenger.respond(
                    subject, request -> Message.of(Thread.currentThread().getName()));
            messenger.respondAsync(subject + ".held", parked);
            CompletableFuture<String> completed = messenger
                    .request(subject + ".held", Message.of("?"))
                    .thenApply(reply -> Thread.currentThread().getName())
                    .toCompletableFuture();
            parked.await(1);
            parked.echoAll();

            assertThat(get(messenger.request(subject, Message.of("?")).toCompletableFuture())
                            .text())
                    .isEqualTo("users-handler");
            assertThat(get(completed)).isEqualTo("users-completion");
            messenger.close();
            assertThat(get(CompletableFuture.supplyAsync(() -> "alive", handlers)))
                    .isEqualTo("alive");
            assertThat(get(CompletableFuture.supplyAsync(() -> "alive", completions)))
                    .isEqualTo("alive");
        } finally {
            handlers.shutdownNow();
            completions.shutdownNow();
        }
    }

    @Rule(value = "LEAK-08", seconds = 180)
    default void subscriptions_madeAndClosedByTheThousand_leaveNothing() {
        String name = harness().connectionName();
        Messenger messenger = connect(builder -> builder.name(name));
        String subject = unique("orders");
        Collector collector = collector();
        List<String> subjects =
                inspector().map(broker -> broker.subscribedSubjects(name)).orElse(List.of());
        makeAndClose(messenger, subject, collector, 200);
        Set<Thread> threads = Residue.threads();
        long before = Residue.usedHeap();

        int count = repetitions(2_000, 500);
        makeAndClose(messenger, subject, collector, count);

        assertThat((heapWithout(threads) - before) / count)
                .as("bytes of heap left by each")
                .isLessThan(500);
        inspector()
                .ifPresent(broker -> eventually(
                        "the broker has none of them",
                        () -> assertThat(broker.subscribedSubjects(name)).isEqualTo(subjects)));
        assertThat(collector.count()).isZero();
    }

    private static void makeAndClose(Messenger messenger, String subject, Collector collector, int count) {
        for (int i = 0; i < count; i++) {
            messenger.subscribe(subject + "." + i, collector).close();
            messenger
                    .subscribe(subject + "." + i, collector, SubscribeOptions.DEFAULTS.withSameThread(true))
                    .close();
        }
    }

    @Rule(value = "LEAK-09", seconds = 180)
    default void messengers_madeAndClosedOverAndOver_leaveNoMemory() {
        useManyAndClose(1); // what a JVM has once for all is there afterwards
        Set<Thread> threads = Residue.threads();
        useManyAndClose(15);
        long before = heapWithout(threads);

        useManyAndClose(60);

        assertThat((heapWithout(threads) - before) / 60)
                .as("bytes of heap left by each messenger")
                .isLessThan(20_000);
    }

    private void useManyAndClose(int count) {
        for (int i = 0; i < count; i++) {
            String subject = unique("work");
            try (Messenger messenger = builder(harness().fixture().url()).connect()) {
                messenger.respond(subject, request -> request.message());
                get(messenger.request(subject, Message.of("?")).toCompletableFuture());
            }
        }
    }
}
