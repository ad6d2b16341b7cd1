package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestOptions;
import dev.antiphon.SurplusReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two endings of the same call at the same time: one wins, once, and everything is given back once. */
class RequestRacesTest {

    private static final int CALLS = 1_000;
    private static final int ROUNDS = 100;
    /** More than a tick of the timers, so that each call has a tick of its own. */
    private static final Duration STEP = Duration.ofMillis(3);

    private final RequesterFixture fixture = new RequesterFixture(CALLS, OverloadPolicy.WAIT);
    private final AtomicInteger completions = new AtomicInteger();

    @AfterEach
    void everythingIsGivenBack() {
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
        assertThat(completions).as("each call ended once").hasValue(CALLS * ROUNDS);
    }

    @Test
    void reply_versusTimeout_100000Times() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            List<PendingCall> calls = makeCalls();
            inParallel(
                    () -> calls.forEach(call -> fixture.advance(STEP)),
                    () -> inSomeOrder(calls).forEach(this::reply));
        }

        long replies = fixture.counters.repliesReceived.sum();
        long timeouts = fixture.counters.timeouts.sum();
        assertThat(replies + timeouts).isEqualTo(CALLS * ROUNDS);
        assertThat(replies).as("neither always wins").isPositive();
        assertThat(timeouts).as("neither always wins").isPositive();
        assertThat(fixture.counters.lateReplies.sum()).as("replies that lost").isEqualTo(timeouts);
        assertThat(fixture.listener.surplus)
                .allSatisfy(surplus -> assertThat(surplus.kind()).isEqualTo(SurplusReply.Kind.LATE));
    }

    @Test
    void reply_versusCancel_100000Times() throws Exception {
        AtomicInteger cancelled = new AtomicInteger();
        for (int round = 0; round < ROUNDS; round++) {
            List<PendingCall> calls = makeCalls();
            inParallel(
                    () -> calls.forEach(call -> cancelled.addAndGet(call.cancel() ? 1 : 0)),
                    () -> inSomeOrder(calls).forEach(this::reply));
        }

        assertThat(fixture.counters.repliesReceived.sum() + cancelled.get()).isEqualTo(CALLS * ROUNDS);
        assertThat(fixture.counters.requestsFailed.sum()).isEqualTo(cancelled.get());
        assertThat(fixture.counters.lateReplies.sum()).isEqualTo(cancelled.get());
    }

    @Test
    void reply_versusReply_100000Times() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            List<PendingCall> calls = makeCalls();
            inParallel(
                    () -> calls.forEach(this::reply), () -> inSomeOrder(calls).forEach(this::reply));
        }

        assertThat(fixture.counters.repliesReceived.sum()).isEqualTo(CALLS * ROUNDS);
        assertThat(fixture.counters.duplicateReplies.sum()).isEqualTo(CALLS * ROUNDS);
    }

    private List<PendingCall> makeCalls() {
        fixture.transport.requests.clear();
        fixture.listener.surplus.clear();
        List<PendingCall> calls = new ArrayList<>(CALLS);
        for (int i = 1; i <= CALLS; i++) {
            PendingCall call = fixture.request(RequestOptions.timeout(STEP.multipliedBy(i)));
            call.whenComplete((reply, failure) -> completions.incrementAndGet());
            calls.add(call);
        }
        return calls;
    }

    private void reply(PendingCall call) {
        fixture.requester.onReply(call.correlationId(), Message.of("reply"));
    }

    /** Side by side in one round, towards each other in the next: then they meet, whoever is faster. */
    private List<PendingCall> inSomeOrder(List<PendingCall> calls) {
        List<PendingCall> ordered = new ArrayList<>(calls);
        if (completions.get() / CALLS % 2 == 0) {
            Collections.reverse(ordered);
        }
        return ordered;
    }

    private static void inParallel(Runnable one, Runnable other) throws Exception {
        CyclicBarrier start = new CyclicBarrier(2);
        CompletableFuture<Void> running = Background.run(() -> {
            await(start);
            one.run();
        });
        await(start);
        other.run();
        running.get();
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
