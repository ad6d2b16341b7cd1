package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RespondOptions;
import dev.antiphon.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Concurrency, queue and what happens beyond: rule E8. */
class ResponderLimitsTest {

    private static final RespondOptions ONE = RespondOptions.DEFAULTS.withConcurrency(1);

    @Test
    void concurrency_deliveredFromTwoThreads_isNeverExceededAndNothingIsLost() {
        try (Engine engine = Engine.start()) {
            AtomicInteger running = new AtomicInteger();
            AtomicInteger most = new AtomicInteger();
            ScriptedSubscription work = engine.respond(
                    request -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        Thread.onSpinWait();
                        running.decrementAndGet();
                        return null;
                    },
                    RespondOptions.DEFAULTS.withConcurrency(3).withQueueLimit(100_000));
            Runnable deliver = () -> IntStream.range(0, 20_000).forEach(i -> work.request("x"));
            CompletableFuture<Void> other = Background.run(deliver);
            deliver.run();
            Latches.get(other);

            engine.until(() -> engine.stats().requestsAnswered() == 40_000);
            assertThat(most.get()).isLessThanOrEqualTo(3);
            engine.until(() -> engine.stats().handlersRunning() == 0);
        }
    }

    @Test
    void concurrency_one_keepsTheOrder() {
        try (Engine engine = Engine.start()) {
            List<String> handled = new CopyOnWriteArrayList<>();
            ScriptedSubscription work = engine.respond(
                    request -> {
                        handled.add(request.text());
                        return null;
                    },
                    ONE);
            List<String> sent =
                    IntStream.range(0, 1000).mapToObj(Integer::toString).toList();

            sent.forEach(work::request);

            engine.until(() -> handled.size() == 1000);
            assertThat(handled).isEqualTo(sent);
        }
    }

    @Test
    void queueFull_withReject_answersResourceExhaustedAndCountsExactly() {
        try (Engine engine = Engine.start()) {
            Semaphore goOn = new Semaphore(0);
            ScriptedSubscription work = engine.respond(
                    request -> {
                        goOn.acquire();
                        return null;
                    },
                    ONE.withQueueLimit(2));
            for (int episode = 1; episode <= 3; episode++) {
                List<ScriptedDelivery> taken = deliver(work, 3);
                List<ScriptedDelivery> refused = deliver(work, 2);

                refused.forEach(delivery -> isRefused(delivery, ErrorCode.RESOURCE_EXHAUSTED));
                assertThat(engine.stats().handlersRunning()).isEqualTo(3);
                goOn.release(3);
                taken.forEach(delivery ->
                        assertThat(ControlCodec.error(delivery.reply())).isNull());
                engine.until(() -> engine.stats().handlersRunning() == 0);
                assertThat(engine.stats().requestsRejected()).isEqualTo(episode * 2L);
                int signals = episode;
                engine.until(() -> engine.listener.slow.size() == signals);
            }
            assertThat(engine.listener.slow).as("once per episode").containsExactly("work", "work", "work");
        }
    }

    @Test
    void queueFull_withWait_holdsTheTransportUntilThereIsRoom() throws Exception {
        try (Engine engine = Engine.start()) {
            Semaphore goOn = new Semaphore(0);
            ScriptedSubscription work = engine.respond(
                    request -> {
                        goOn.acquire();
                        return null;
                    },
                    ONE.withQueueLimit(1).withOnOverload(OverloadPolicy.WAIT));
            List<ScriptedDelivery> taken = deliver(work, 2);
            Delivering third = new Delivering(work);

            third.isHeld();
            assertThat(engine.stats().handlersRunning()).isEqualTo(2);
            goOn.release(3);

            taken.forEach(ScriptedDelivery::reply);
            assertThat(ControlCodec.error(Latches.get(third.delivery).reply())).isNull();
            assertThat(engine.stats().requestsRejected()).isZero();
            assertThat(engine.listener.slow).isEmpty();
        }
    }

    @Test
    void close_whileTheTransportIsHeld_letsItGoAndAnswersUnavailable() throws Exception {
        try (Engine engine = Engine.start()) {
            CountDownLatch goOn = new CountDownLatch(1);
            Subscription subscription = engine.messenger.respond(
                    "work",
                    request -> {
                        Latches.await(goOn);
                        return null;
                    },
                    ONE.withQueueLimit(1).withOnOverload(OverloadPolicy.WAIT));
            ScriptedSubscription work = engine.transport.lastSubscription();
            List<ScriptedDelivery> taken = deliver(work, 2);
            Delivering third = new Delivering(work);
            third.isHeld();

            subscription.close();

            isRefused(taken.get(1), ErrorCode.UNAVAILABLE);
            ScriptedDelivery held = Latches.get(third.delivery);
            goOn.countDown();
            isRefused(held, ErrorCode.UNAVAILABLE);
            assertThat(ControlCodec.error(taken.get(0).reply())).isNull();
            isRefused(work.request("late"), ErrorCode.UNAVAILABLE);
        }
    }

    @Test
    void close_waitingWithTheLargestQueue_doesNotThrow() {
        try (Engine engine = Engine.start()) {
            Subscription subscription = engine.messenger.respond(
                    "work",
                    request -> null,
                    ONE.withQueueLimit(Integer.MAX_VALUE).withOnOverload(OverloadPolicy.WAIT));

            subscription.close();
            subscription.close();

            assertThat(subscription.isActive()).isFalse();
        }
    }

    @Test
    void executor_rejects_theRequestIsAnsweredUnavailable() {
        Setup setup = new Setup();
        setup.handlerExecutor = task -> {
            throw new RejectedExecutionException("full");
        };
        try (Engine engine = setup.start()) {
            ScriptedSubscription work = engine.respond(request -> null, ONE);

            isRefused(work.request("one"), ErrorCode.UNAVAILABLE);
            isRefused(work.request("two"), ErrorCode.UNAVAILABLE);
            assertThat(engine.stats().requestsRejected()).isEqualTo(2);
            assertThat(engine.stats().handlersRunning()).isZero();
        }
    }

    @Test
    void executor_beginsToRejectWithALongBacklog_answersAllOfIt() {
        Setup setup = new Setup();
        AtomicBoolean rejecting = new AtomicBoolean();
        setup.handlerExecutor = task -> {
            if (rejecting.get()) {
                throw new RejectedExecutionException("full");
            }
            task.run();
        };
        try (Engine engine = setup.start()) {
            CompletableFuture<dev.antiphon.Message> first = new CompletableFuture<>();
            engine.messenger.respondAsync("work", request -> first, ONE.withQueueLimit(100_000));
            ScriptedSubscription work = engine.transport.lastSubscription();
            work.request("first");
            List<ScriptedDelivery> backlog = deliver(work, 50_000);

            rejecting.set(true);
            first.complete(dev.antiphon.Message.empty());

            assertThat(engine.stats().handlersRunning()).isZero();
            assertThat(engine.stats().requestsRejected()).isEqualTo(50_000);
            isRefused(backlog.get(49_999), ErrorCode.UNAVAILABLE);
        }
    }

    @Test
    void sameThread_always_runsOnTheTransportsThread() {
        try (Engine engine = Engine.start()) {
            List<Thread> threads = new ArrayList<>();
            ScriptedSubscription work = engine.respond(
                    request -> {
                        threads.add(Thread.currentThread());
                        return null;
                    },
                    RespondOptions.DEFAULTS.withSameThread(true));

            work.request("hello");

            assertThat(work.spec.runsUserCode()).isTrue();
            assertThat(threads).containsExactly(Thread.currentThread());
            assertThat(engine.stats().requestsAnswered()).isEqualTo(1);
        }
    }

    private static List<ScriptedDelivery> deliver(ScriptedSubscription work, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> work.request("request " + i))
                .toList();
    }

    private static void isRefused(ScriptedDelivery delivery, ErrorCode code) {
        AntiphonException failure = Objects.requireNonNull(ControlCodec.error(delivery.reply()));
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.retryable()).isTrue();
        assertThat(failure.mayHaveExecuted()).isFalse();
        Awaitility.await().until(() -> delivery.settlements.size() == 1);
    }

    /** A delivery from a transport's thread that may be held. */
    private static final class Delivering {

        private final CompletableFuture<Thread> thread = new CompletableFuture<>();
        private final CompletableFuture<ScriptedDelivery> delivery;

        Delivering(ScriptedSubscription work) {
            delivery = Background.supply(() -> {
                thread.complete(Thread.currentThread());
                return work.request("held");
            });
        }

        void isHeld() {
            Thread delivering = Latches.get(thread);
            Awaitility.await().until(() -> delivering.getState() == Thread.State.WAITING);
            assertThat(delivery).isNotDone();
        }
    }
}
