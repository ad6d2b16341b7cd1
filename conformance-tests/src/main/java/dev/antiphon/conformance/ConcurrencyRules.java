package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Rules about concurrency: {@code CON} in the specification. */
interface ConcurrencyRules extends Conformance {
    /** Long enough that no request of these rules times out by accident. */
    Duration PATIENT = Duration.ofMinutes(2);

    @Rule("CON-01")
    default void publish_fromManyThreads_losesNothingAndKeepsTheOrderOfEach() throws InterruptedException {
        String subject = unique("orders");
        Collector collector = collector();
        connect().subscribe(subject, collector);
        Messenger publisher = connect();

        Background.together(50, timing(), thread -> publish(publisher, subject, bodies("thread-" + thread, 100)));
        fence(publisher, subject, collector);

        List<String> texts = collector.texts();
        assertThat(texts).hasSize(5_000);
        for (int i = 0; i < 50; i++) {
            String prefix = "thread-" + i + "-";
            assertThat(texts.stream().filter(text -> text.startsWith(prefix)))
                    .containsExactlyElementsOf(bodies("thread-" + i, 100));
        }
    }

    @Rule("CON-02")
    default void subscribers_manyOfSeveralSubjects_eachGetsExactlyItsOwn() {
        List<String> subjects =
                IntStream.range(0, 20).mapToObj(i -> unique("subject")).toList();
        List<Collector> collectors = Stream.generate(this::collector).limit(50).toList();
        List<Messenger> subscribers = Stream.generate(this::connect).limit(5).toList();
        for (int i = 0; i < 50; i++) {
            subscribers.get(i % 5).subscribe(subjects.get(i % 20), collectors.get(i));
        }
        Messenger publisher = connect();

        int each = repetitions(1_000);
        List<CompletableFuture<Void>> publications = IntStream.range(0, 20 * each)
                .mapToObj(i -> publisher.publish(subjects.get(i % 20), Message.of(i % 20 + "-" + i / 20)))
                .toList();
        publications.forEach(this::get);

        for (int i = 0; i < 50; i++) {
            fence(publisher, subjects.get(i % 20), collectors.get(i));
            assertThat(collectors.get(i).texts()).containsExactlyElementsOf(bodies("" + i % 20, each));
        }
    }

    @Rule("CON-03")
    default void responder_concurrency_isReachedAndNotExceeded() {
        String subject = unique("work");
        Gate gate = gate();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        connect()
                .respond(
                        subject,
                        request -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            gate.pass();
                            running.decrementAndGet();
                            return request.message();
                        },
                        RespondOptions.DEFAULTS.withConcurrency(4));
        Messenger requester = connect();
        RequestOptions options = RequestOptions.timeout(PATIENT);

        List<Call> calls = bodies("job", 100).stream()
                .map(body -> requester.request(subject, Message.of(body), options))
                .toList();
        eventually("four are handled at once", () -> assertThat(gate.arrived()).isGreaterThanOrEqualTo(4));
        never("a fifth is", () -> assertThat(gate.arrived()).isEqualTo(4));
        gate.open();

        calls.forEach(call -> get(call.toCompletableFuture()));
        assertThat(most).hasValue(4);
    }

    @Rule(value = "CON-04", seconds = 120)
    default void subscriptions_comeAndGoDuringPublishing_othersLoseNothing() throws InterruptedException {
        String subject = unique("orders");
        Messenger subscriber = connect();
        Messenger publisher = connect();
        Collector stays = collector();
        Collector comesAndGoes = collector();
        subscriber.subscribe(subject, stays);

        Background.together(5, timing(), thread -> {
            if (thread == 0) {
                publish(publisher, subject, bodies("order", 5_000));
            } else {
                for (int i = 0; i < repetitions(100, 20); i++) {
                    subscriber.subscribe(subject, comesAndGoes).close();
                }
            }
        });
        fence(publisher, subject, stays);

        assertThat(stays.texts()).containsExactlyElementsOf(bodies("order", 5_000));
        int before = comesAndGoes.count();
        publish(publisher, subject, List.of("last"));
        fence(publisher, subject, stays);
        roundTrip(subscriber);
        assertThat(comesAndGoes.count()).as("what closed subscriptions got").isEqualTo(before);
    }

    @Rule("CON-06")
    default void handlerOfSubscription_manyPublishers_isCalledOneAtATime() throws InterruptedException {
        for (SubscribeOptions options :
                List.of(SubscribeOptions.DEFAULTS, SubscribeOptions.DEFAULTS.withSameThread(true))) {
            String subject = unique("orders");
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            int[] plainCount = {0};
            CountDownLatch all = new CountDownLatch(8_000);
            connect()
                    .subscribe(
                            subject,
                            delivery -> {
                                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                                plainCount[0]++;
                                inside.decrementAndGet();
                                all.countDown();
                            },
                            options);
            List<Messenger> publishers = Stream.generate(this::connect).limit(4).toList();

            Background.together(
                    4, timing(), thread -> publish(publishers.get(thread), subject, bodies("t" + thread, 2_000)));

            assertThat(all.await(timing().signal().toMillis(), TimeUnit.MILLISECONDS))
                    .isTrue();
            assertThat(most).as("handlers at once").hasValue(1);
            assertThat(plainCount[0]).as("a counter without a lock").isEqualTo(8_000);
        }
    }

    @Rule("CON-07")
    default void handlersThatBlock_delayNoReplyAndNoOtherSubscription() {
        String slow = unique("slow");
        String quick = unique("quick");
        String events = unique("events");
        Gate gate = gate();
        Messenger busy = connect();
        busy.respond(slow, request -> {
            gate.pass();
            return request.message();
        });
        busy.subscribe(slow + ".events", delivery -> gate.pass());
        Messenger other = connect();
        other.respond(quick, request -> request.message());
        RequestOptions options = RequestOptions.timeout(PATIENT);
        List<Call> blocked = bodies("job", 300).stream()
                .map(body -> other.request(slow, Message.of(body), options))
                .toList();
        publish(other, slow + ".events", bodies("event", 10));
        eventually("many handlers block", () -> assertThat(gate.arrived()).isGreaterThan(50));
        Collector collector = collector();
        busy.subscribe(events, collector);

        Stopwatch watch = new Stopwatch();
        Message reply = busy.request(quick, Message.of("?"), options).join();
        watch.assertLessThan(timing().grace());
        fence(other, events, collector);

        assertThat(reply.text()).isEqualTo("?");
        assertThat(blocked).noneMatch(Call::isDone);
        gate.open();
        blocked.forEach(call -> get(call.toCompletableFuture()));
    }

    @Rule("CON-08")
    default void requestsInFlight_reachTheirLimit_nextIsRefused() {
        String subject = unique("work");
        ParkedRequests parked = new ParkedRequests(timing());
        connect().respondAsync(subject, parked);
        Messenger requester = connect(builder -> builder.maxInFlight(10).onInFlightLimit(OverloadPolicy.REJECT));
        RequestOptions options = RequestOptions.timeout(PATIENT);

        for (int round = 1; round <= 3; round++) {
            List<Call> calls = bodies("job", 10).stream()
                    .map(body -> requester.request(subject, Message.of(body), options))
                    .toList();
            AntiphonException failure =
                    assertFails(ErrorCode.RESOURCE_EXHAUSTED, requester.request(subject, Message.of("11"), options));
            assertThat(failure.mayHaveExecuted()).isFalse();
            assertThat(failure.retryable()).isTrue();
            parked.await(10 * round);
            roundTrip(requester);
            assertThat(parked.seen()).isEqualTo(10 * round);
            parked.echoAll();
            calls.forEach(call -> get(call.toCompletableFuture()));
        }
    }

    @Rule(value = "CON-09", seconds = 300)
    default void longChains_onTheTransportsThread_needNoStack() {
        String subject = unique("chain");
        Messenger messenger = connect(builder -> builder.completeOnTransportThread());
        messenger.respond(subject, request -> request.message(), RespondOptions.DEFAULTS.withSameThread(true));
        CompletableFuture<Integer> end = new CompletableFuture<>();
        // A thousand would need more than a thread has; over a broker each takes a round trip.
        int length = repetitions(capabilities().has(Capability.AUTO_RECONNECT) ? 4_000 : 10_000, 1_000);
        requestNext(messenger, subject, length, end);
        // One round trip after the other: that takes its time over a broker.
        assertThat(end.orTimeout(PATIENT.toMillis(), TimeUnit.MILLISECONDS).join())
                .isZero();

        AtomicInteger sent = new AtomicInteger();
        Queue<CompletableFuture<Void>> publications = new ConcurrentLinkedQueue<>();
        messenger.subscribe(
                subject + ".events",
                delivery -> {
                    if (sent.incrementAndGet() < length) {
                        publications.add(messenger.publish(subject + ".events", delivery.message()));
                    }
                },
                SubscribeOptions.DEFAULTS.withSameThread(true));
        publish(messenger, subject + ".events", List.of("event"));
        Awaitility.await("the chain ends")
                .atMost(PATIENT)
                .untilAsserted(() -> assertThat(publications).hasSize(length - 1));
        publications.forEach(this::get);
    }

    private static void requestNext(Messenger messenger, String subject, int left, CompletableFuture<Integer> end) {
        if (left == 0) {
            end.complete(0);
            return;
        }
        messenger
                .request(subject, Message.of("?"), RequestOptions.timeout(PATIENT))
                .whenComplete((reply, failure) -> {
                    if (failure == null) {
                        requestNext(messenger, subject, left - 1, end);
                    } else {
                        end.completeExceptionally(failure);
                    }
                });
    }

    @Rule("CON-10")
    default void threadsThatBlock_inHandlersAndCallers_allGetTheirReply() throws Exception {
        String outer = unique("outer");
        String inner = unique("inner");
        Messenger middle = connect();
        RequestOptions options = RequestOptions.timeout(PATIENT);
        connect().respond(inner, request -> Message.of(request.text() + "!"));
        middle.respond(
                outer,
                request -> middle.request(inner, request.message(), options).join(),
                RespondOptions.DEFAULTS.withConcurrency(128));
        Messenger requester = connect();

        ExecutorService callers = callers();
        try {
            List<CompletableFuture<String>> replies = bodies("job", 1_000).stream()
                    .map(body -> CompletableFuture.supplyAsync(
                            () -> requester
                                    .request(outer, Message.of(body), options)
                                    .join()
                                    .text(),
                            callers))
                    .toList();
            List<String> texts = replies.stream().map(this::get).toList();
            assertThat(texts)
                    .containsExactlyElementsOf(bodies("job", 1_000).stream()
                            .map(body -> body + "!")
                            .toList());
        } finally {
            callers.shutdownNow();
        }
    }

    /** A virtual thread for each task where the JVM has them (since Java 21), else a platform thread. */
    private static ExecutorService callers() throws ReflectiveOperationException {
        if (Runtime.version().feature() < 21) {
            return Executors.newFixedThreadPool(200);
        }
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    @Rule(value = "CON-11", seconds = 120)
    default void requests_tenThousandInFlightAtOnce_eachGetsItsReply() {
        String subject = unique("work");
        ParkedRequests parked = new ParkedRequests(timing());
        connect().respondAsync(subject, parked, RespondOptions.DEFAULTS.withConcurrency(10_000));
        Messenger requester = connect();
        RequestOptions options = RequestOptions.timeout(PATIENT);

        List<Call> calls = bodies("job", 10_000).stream()
                .map(body -> requester.request(subject, Message.of(body), options))
                .toList();
        parked.await(10_000);
        assertThat(requester.stats().inFlight()).isEqualTo(10_000);
        assertThat(requester.stats().consistent()).isTrue();
        parked.echoAll();

        List<String> replies = calls.stream()
                .map(call -> get(call.toCompletableFuture()).text())
                .toList();
        assertThat(replies).isEqualTo(bodies("job", 10_000));
        eventually(
                "nothing is left",
                () -> assertThat(requester.stats().inFlight()).isZero());
    }

    @Rule("CON-12")
    default void requestsInFlight_reachTheirLimit_nextWaitsWithinItsTimeout() {
        String subject = unique("work");
        ParkedRequests parked = new ParkedRequests(timing());
        connect().respondAsync(subject, parked);
        Messenger requester = connect(builder -> builder.maxInFlight(2).onInFlightLimit(OverloadPolicy.WAIT));
        RequestOptions options = RequestOptions.timeout(PATIENT);
        Call first = requester.request(subject, Message.of("first"), options);
        Call second = requester.request(subject, Message.of("second"), options);

        Duration brief = Duration.ofMillis(200);
        Stopwatch watch = new Stopwatch();
        AntiphonException failure = assertFails(
                ErrorCode.TIMEOUT, requester.request(subject, Message.of("no room"), RequestOptions.timeout(brief)));
        watch.assertWithin(brief, timing().grace());
        assertThat(failure.mayHaveExecuted()).isFalse();

        CompletableFuture<Message> third = Background.supply(
                () -> requester.request(subject, Message.of("third"), options).join());
        parked.await(2);
        never("more than two are in flight", () -> assertThat(parked.seen()).isEqualTo(2));
        assertThat(first.cancel()).isTrue();
        parked.await(3);
        parked.echoAll();
        assertThat(get(second.toCompletableFuture()).text()).isEqualTo("second");
        assertThat(get(third).text()).isEqualTo("third");
    }

    @Rule("CON-13")
    default void dependentsThatBlock_delayNoOtherReply() {
        String subject = unique("work");
        ParkedRequests parked = new ParkedRequests(timing());
        Messenger responder = connect();
        responder.respond(subject, request -> request.message());
        responder.respondAsync(subject + ".held", parked);
        Messenger requester = connect();
        Gate gate = gate();
        RequestOptions options = RequestOptions.timeout(PATIENT);
        for (String body : bodies("blocks", 20)) {
            // Not answered yet, or the dependent would run, and block, here.
            requester.request(subject + ".held", Message.of(body), options).thenAccept(reply -> passQuietly(gate));
        }
        parked.await(20);
        parked.echoAll();
        eventually("a dependent blocks", () -> assertThat(gate.arrived()).isPositive());

        for (String body : bodies("job", 100)) {
            Stopwatch watch = new Stopwatch();
            CompletableFuture<String> text = requester
                    .request(subject, Message.of(body), options)
                    .thenApply(Message::text)
                    .toCompletableFuture();
            assertThat(get(text)).isEqualTo(body);
            watch.assertLessThan(timing().grace());
        }
    }

    private static void passQuietly(Gate gate) {
        try {
            gate.pass();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Rule("CON-14")
    default void subscriptionsOfOneMessenger_runAtTheSameTime() {
        CountDownLatch bothInside = new CountDownLatch(2);
        CountDownLatch bothOut = new CountDownLatch(2);
        Messenger subscriber = connect();
        List<Subscription> subscriptions = Stream.generate(() -> subscriber.subscribe(unique("orders"), delivery -> {
                    bothInside.countDown();
                    bothInside.await();
                    bothOut.countDown();
                }))
                .limit(2)
                .toList();
        Messenger publisher = connect();

        subscriptions.forEach(subscription -> publish(publisher, subscription.subject(), List.of("order")));

        eventually(
                "each waited for the other",
                () -> assertThat(bothOut.getCount()).isZero());
    }
}
