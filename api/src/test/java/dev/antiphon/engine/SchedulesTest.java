package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.ErrorCode;
import dev.antiphon.GatherOptions;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RaceOptions;
import dev.antiphon.RequestOptions;
import dev.antiphon.SendOptions;
import dev.antiphon.StreamOptions;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.ReplyAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of replies, frames, losses, duplicates, timeouts, cancellations, reconnects and close, under a manual
 * clock and a scripted transport: whatever happens, everything ends, once, and leaves nothing.
 *
 * <p>A failure names its seed; {@code -Dschedules.seed=N -Dschedules.count=1} plays it again.
 */
class SchedulesTest {

    private static final int COUNT = Integer.getInteger("schedules.count", 5_000);
    private static final long SEED = Long.getLong("schedules.seed", System.nanoTime());

    @Test
    void schedules_random_endEverythingAndLeaveNothing() {
        for (int i = 0; i < COUNT; i++) {
            long seed = SEED + i;
            try {
                new Schedule(new Random(seed)).play();
            } catch (Throwable failure) {
                throw new AssertionError("-Dschedules.seed=" + seed + " -Dschedules.count=1", failure);
            }
        }
    }

    /** One of them. A requester costs more than a schedule, so each uses it for several operations. */
    private static final class Schedule {

        private static final String[] FRAMES = {
            "accepted",
            "progress",
            "item;n=0",
            "item;n=1",
            "item;n=2",
            "item;n=7",
            "end;n=0",
            "end;n=2",
            "error;n=1",
            "cancel",
            "credit;n=3",
            "nonsense"
        };

        private final Random random;
        private final RequesterFixture fixture = new RequesterFixture(8, OverloadPolicy.REJECT);
        private final Operations operations;
        private final ReplyAddress wayBack = new ScriptedDelivery("way back", Message.empty(), false);
        private final List<CompletableFuture<?>> started = new ArrayList<>();
        private final List<Counting> streams = new ArrayList<>();
        private final List<SentRequest> sent = new ArrayList<>();

        Schedule(Random random) {
            this.random = random;
            operations = random.nextBoolean()
                    ? fixture.operations()
                    : fixture.operations((request, next) -> next.proceed(request));
        }

        void play() {
            for (int i = 5 + random.nextInt(20); i > 0; i--) {
                step();
                fixture.transport.requests.drainTo(sent);
            }
            fixture.requester.close(ScriptedTransport.failure(ErrorCode.CLOSED));
            fixture.advance(Duration.ofMinutes(1));
            assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
            assertThat(fixture.requester.alarms().pending()).as("alarms").isZero();
            assertThat(started).as("operations").allMatch(CompletableFuture::isDone);
            streams.forEach(Counting::check);
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1 -> start();
                case 2, 3, 4 -> toOne(request -> request.reply(Message.of("reply")));
                case 5, 6, 7 ->
                    toOne(request -> request.frame(
                            FRAMES[random.nextInt(FRAMES.length)], random.nextInt(4) == 0 ? null : wayBack));
                case 8 -> toOne(request -> request.reply(errorOrNamed()));
                case 9 -> fixture.advance(Duration.ofMillis(random.nextInt(400)));
                case 10 -> cancelOne();
                default -> rare();
            }
        }

        private void start() {
            RequestOptions options = RequestOptions.timeout(Duration.ofMillis(100 + random.nextInt(900)));
            switch (random.nextInt(8)) {
                case 0 -> started.add(request(options));
                case 1 -> started.add(request(options.withAcceptTimeout(Duration.ofMillis(50))));
                case 2 -> started.add(request(options.withIdempotent(true).withCancellable(true)));
                case 3 ->
                    started.add(operations.gather(
                            List.of("a", "b"),
                            Message.empty(),
                            GatherOptions.DEFAULTS
                                    .withTimeout(Duration.ofMillis(500))
                                    .withMax(3)
                                    .withCancelRest(random.nextBoolean())
                                    .withStallTimeout(Duration.ofMillis(100))));
                case 4 ->
                    started.add(operations
                            .race(
                                    List.of("a", "b"),
                                    Message.empty(),
                                    RaceOptions.DEFAULTS.withRequest(options).withStagger(Duration.ofMillis(30)))
                            .toCompletableFuture());
                case 5 -> started.add(send(options));
                default -> {
                    Counting stream = new Counting(random.nextInt(4));
                    streams.add(stream);
                    operations.stream(
                                    "a",
                                    Message.empty(),
                                    StreamOptions.DEFAULTS
                                            .withTimeout(Duration.ofSeconds(2))
                                            .withGapTimeout(Duration.ofMillis(200))
                                            .withWindow(2))
                            .subscribe(stream);
                }
            }
        }

        private CompletableFuture<Message> send(RequestOptions options) {
            SendOptions.Confirmation[] all = SendOptions.Confirmation.values();
            SendOptions confirmed = SendOptions.DEFAULTS.withConfirmation(all[random.nextInt(all.length)]);
            return operations
                    .send("a", Message.empty(), confirmed.withRequest(options), true)
                    .toCompletableFuture();
        }

        private CompletableFuture<Message> request(RequestOptions options) {
            return fixture.request(options).toCompletableFuture();
        }

        private void toOne(java.util.function.Consumer<SentRequest> action) {
            if (!sent.isEmpty()) {
                action.accept(sent.get(random.nextInt(sent.size())));
            }
        }

        private Message errorOrNamed() {
            return switch (random.nextInt(3)) {
                case 0 -> ControlCodec.goingAway();
                case 1 -> ControlCodec.errorReply(new IllegalStateException("broken"));
                default -> Message.of("named").withHeaders(Headers.received(ControlHeaders.RESPONDER, "r;1"));
            };
        }

        private void cancelOne() {
            if (!started.isEmpty()) {
                started.get(random.nextInt(started.size())).cancel(false);
            }
            if (!streams.isEmpty() && random.nextBoolean()) {
                streams.get(random.nextInt(streams.size())).cancel();
            }
        }

        private void rare() {
            switch (random.nextInt(4)) {
                case 0 -> toOne(SentRequest::noResponders);
                case 1 -> fixture.transport.moveChannel();
                case 2 -> fixture.state(dev.antiphon.ConnectionState.RECONNECTING);
                default -> fixture.state(dev.antiphon.ConnectionState.CONNECTED);
            }
        }
    }

    /** A subscriber that asks for a few items, and then for the rest, and counts its signals. */
    private static final class Counting implements Flow.Subscriber<Message> {
        private final long first;
        private Flow.@Nullable Subscription subscription;
        private int ends;
        private int itemsAfterTheEnd;
        private boolean cancelled;

        Counting(long first) {
            this.first = first;
        }

        void cancel() {
            cancelled = true;
            Objects.requireNonNull(subscription).cancel();
        }

        void check() {
            Objects.requireNonNull(subscription).request(Long.MAX_VALUE);
            assertThat(ends)
                    .as("ends of a stream")
                    .isEqualTo(cancelled ? ends : 1)
                    .isLessThan(2);
            assertThat(itemsAfterTheEnd).isZero();
        }

        @Override
        public void onSubscribe(Flow.Subscription newSubscription) {
            subscription = newSubscription;
            if (first > 0) {
                newSubscription.request(first);
            }
        }

        @Override
        public void onNext(Message item) {
            itemsAfterTheEnd += ends;
        }

        @Override
        public void onError(Throwable failure) {
            ends++;
        }

        @Override
        public void onComplete() {
            ends++;
        }
    }
}
