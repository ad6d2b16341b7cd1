package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RespondOptions;
import dev.antiphon.StreamEmitter;
import dev.antiphon.StreamOptions;
import dev.antiphon.conformance.broker.NatsBrokers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A long stream from a fast responder to a slow consumer, both in this JVM: what they keep of it meanwhile. */
class StreamSoakTest {

    private static final int ITEMS = 1_000_000;
    private static final int WINDOW = 256;
    private static final long MAX_GROWTH_BYTES = 6L << 20;
    private static final long LIMIT_SECONDS = 180;

    private static final String SUBJECT = "soak.items";

    static List<Named<String>> brokers() {
        return List.of(
                named("in memory", "inmemory://stream-soak"),
                named("NATS", NatsBrokers.shared().url()));
    }

    @ParameterizedTest
    @MethodSource("brokers")
    void stream_millionItemsToASlowConsumer_keepsMemoryFlat(String url) {
        AtomicLong sent = new AtomicLong();
        try (Messenger responder = Messenger.connect(url);
                Messenger requester = Messenger.connect(url)) {
            responder.respondStream(
                    SUBJECT,
                    (request, emitter) -> emit(Integer.parseInt(request.text()), sent, emitter),
                    RespondOptions.DEFAULTS);
            consume(requester, new SlowConsumer(50_000, sent)); // warms up
            long before = usedHeap();
            sent.set(0);

            SlowConsumer consumer = new SlowConsumer(ITEMS, sent);
            consume(requester, consumer);

            assertThat(consumer.mostUnacknowledged)
                    .as("items that were sent and not consumed; if they are few, the consumer was not the slower one")
                    .isBetween(WINDOW / 2L, (long) WINDOW);
            assertThat(consumer.heap)
                    .as("bytes in use at 10 %%, 50 %% and 100 %%; before: %,d", before)
                    .hasSize(3)
                    .allSatisfy(used -> assertThat(used - before).isLessThan(MAX_GROWTH_BYTES));
            assertThat(requester.stats().inFlight()).isZero();
        }
    }

    private static void consume(Messenger requester, SlowConsumer consumer) {
        requester.stream(
                        SUBJECT,
                        Message.of(Integer.toString(consumer.items)),
                        StreamOptions.DEFAULTS.withWindow(WINDOW))
                .subscribe(consumer);
        consumer.end.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
        assertThat(consumer.consumed).isEqualTo(consumer.items);
    }

    private static void emit(int items, AtomicLong sent, StreamEmitter emitter) throws InterruptedException {
        for (int i = 0; i < items; ) {
            if (emitter.trySend(Message.of("item " + i))) {
                sent.set(++i);
            } else if (!emitter.awaitCredit()) {
                return;
            }
        }
        emitter.complete();
    }

    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    /** Takes one item after the other, some microseconds for each. */
    private static final class SlowConsumer implements Flow.Subscriber<Message> {

        private static final long NANOS_PER_ITEM = 10_000;

        private final int items;
        private final AtomicLong sent;
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;

        // -- Of the consuming thread; read by the test after the end --

        private final List<Long> heap = new ArrayList<>();
        private int consumed;
        private long mostUnacknowledged;

        SlowConsumer(int items, AtomicLong sent) {
            this.items = items;
            this.sent = sent;
        }

        @Override
        public void onSubscribe(Flow.Subscription newSubscription) {
            subscription = newSubscription;
            newSubscription.request(1);
        }

        @Override
        public void onNext(Message item) {
            if (!item.text().equals("item " + consumed)) {
                throw new AssertionError("item " + consumed + " is: " + item.text());
            }
            mostUnacknowledged = Math.max(mostUnacknowledged, sent.get() - consumed);
            consumed++;
            if (items == ITEMS && (consumed == items / 10 || consumed == items / 2 || consumed == items)) {
                heap.add(usedHeap());
            }
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < NANOS_PER_ITEM) {
                Thread.onSpinWait();
            }
            Objects.requireNonNull(subscription).request(1);
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            end.complete(null);
        }
    }
}
