package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.DrainReport;
import dev.antiphon.MessageHandler;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.Subscription;
import dev.antiphon.spi.InboundMessage.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Subscribers: order, limits, leaving. */
class SubscriptionTest {

    private final Engine engine = Engine.start();
    private final List<String> handled = new CopyOnWriteArrayList<>();
    private final Semaphore goOn = new Semaphore(0);

    @AfterEach
    void close() {
        goOn.release(1_000_000);
        engine.close();
    }

    @Test
    void messages_many_areHandledInOrderOneAtATime() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger last = new AtomicInteger(-1);
        AtomicInteger wrong = new AtomicInteger();
        ScriptedSubscription news = subscribe(delivery -> {
            boolean alone = running.getAndIncrement() == 0;
            boolean next = Integer.parseInt(delivery.text()) == last.incrementAndGet();
            wrong.addAndGet(alone && next ? 0 : 1);
            running.decrementAndGet();
        });

        IntStream.range(0, 20_000).forEach(i -> news.message(Integer.toString(i)));

        engine.until(() -> last.get() == 19_999);
        assertThat(wrong).hasValue(0);
        assertThat(engine.stats().delivered()).isEqualTo(20_000);
        engine.until(() -> engine.stats().handlersRunning() == 0);
    }

    @Test
    void handler_throws_isReportedAndTheNextMessageFlows() {
        ScriptedSubscription news = subscribe(delivery -> {
            if (delivery.text().equals("poison")) {
                throw new IllegalStateException("can not read it");
            }
            handled.add(delivery.text());
        });

        ScriptedDelivery poison = news.message("poison");
        news.message("next");

        engine.until(() -> handled.contains("next") && engine.listener.errors.size() == 1);
        assertThat(engine.listener.errors.get(0))
                .hasMessageContaining("handler threw")
                .hasRootCauseMessage("can not read it");
        assertThat(poison.settlements).containsExactly(Settlement.ACCEPT);
    }

    @Test
    void delivery_always_showsTheNativeMessage() {
        CompletableFuture<Boolean> unwrapped = new CompletableFuture<>();
        ScriptedSubscription news = subscribe(delivery ->
                unwrapped.complete(delivery.unwrap(ScriptedDelivery.class).isPresent()
                        && delivery.unwrap(String.class).isEmpty()));

        news.message("x");

        assertThat(Latches.get(unwrapped)).isTrue();
    }

    @Test
    void queueFull_withReject_dropsCountsAndSignalsOncePerEpisode() {
        ScriptedSubscription news = subscribe(this::whenReleased, SubscribeOptions.DEFAULTS.withQueueLimit(4));
        for (int episode = 1; episode <= 3; episode++) {
            IntStream.range(0, 10).forEach(i -> news.message("x"));
            assertThat(engine.stats().dropped()).isEqualTo(episode * 6L);
            goOn.release(4);
            engine.until(() -> engine.stats().handlersRunning() == 0);
            int signals = episode;
            engine.until(() -> engine.listener.slow.size() == signals);
        }
        assertThat(engine.listener.slow).containsExactly("news", "news", "news");
        assertThat(handled).hasSize(12);
    }

    @Test
    void queueOfOne_full_signalsEachEpisode() {
        ScriptedSubscription news = subscribe(this::whenReleased, SubscribeOptions.DEFAULTS.withQueueLimit(1));
        for (int episode = 1; episode <= 2; episode++) {
            IntStream.range(0, 3).forEach(i -> news.message("x"));
            goOn.release();
            engine.until(() -> engine.stats().handlersRunning() == 0);
            int signals = episode;
            engine.until(() -> engine.listener.slow.size() == signals);
        }
    }

    @Test
    void queueFull_withWait_holdsTheTransportAndDropsNothing() {
        ScriptedSubscription news = subscribe(
                this::whenReleased, SubscribeOptions.DEFAULTS.withQueueLimit(2).withOnOverload(OverloadPolicy.WAIT));
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        CompletableFuture<Void> delivering = Background.run(() -> {
            thread.complete(Thread.currentThread());
            IntStream.range(0, 5).forEach(i -> news.message("message " + i));
        });
        Thread held = Latches.get(thread);
        Awaitility.await().until(() -> held.getState() == Thread.State.WAITING);
        assertThat(engine.stats().handlersRunning()).isEqualTo(2);

        goOn.release(5);

        Latches.get(delivering);
        engine.until(() -> handled.size() == 5);
        assertThat(engine.stats().dropped()).isZero();
    }

    @Test
    void sameThread_always_runsOnTheTransportsThread() {
        ScriptedSubscription news = subscribe(
                delivery -> handled.add(Thread.currentThread().getName()),
                SubscribeOptions.DEFAULTS.withSameThread(true));

        news.message("x");

        assertThat(handled).containsExactly(Thread.currentThread().getName());
        assertThat(news.spec.runsUserCode()).isTrue();
    }

    @Test
    void close_messagesQueued_areRefusedAndTheRunningOneEnds() {
        Subscription subscription = engine.messenger.subscribe("news", this::whenReleased);
        ScriptedSubscription news = engine.transport.lastSubscription();
        ScriptedDelivery running = news.message("running");
        ScriptedDelivery queued = news.message("queued");
        engine.until(goOn::hasQueuedThreads);

        subscription.close();
        goOn.release();

        engine.until(() -> queued.settlements.size() == 1);
        assertThat(queued.settlements).containsExactly(Settlement.REQUEUE);
        assertThat(running.settlements).containsExactly(Settlement.ACCEPT);
        assertThat(handled).containsExactly("running");
        assertThat(subscription.isActive()).isFalse();
        assertThat(engine.transport.log).contains("stop news");
        assertThat(news.message("late").settlements).containsExactly(Settlement.REQUEUE);
    }

    @Test
    void drain_messagesQueued_areAllHandled() {
        Subscription subscription = engine.messenger.subscribe("news", this::whenReleased);
        ScriptedSubscription news = engine.transport.lastSubscription();
        IntStream.range(0, 10).forEach(i -> news.message("x"));

        CompletableFuture<DrainReport> drained = subscription.drain(Duration.ofSeconds(30));
        assertThat(subscription.isActive()).isFalse();
        goOn.release(10);

        assertThat(Latches.get(drained).handled()).isEqualTo(10);
        assertThat(Latches.get(drained).complete()).isTrue();
        assertThat(handled).hasSize(10);
        assertThat(Latches.get(subscription.drain(Duration.ZERO))).isEqualTo(Latches.get(drained));
    }

    @Test
    void drain_dependents_doNotRunOnTheTransportsThread() {
        Subscription subscription = engine.messenger.subscribe("news", this::whenReleased);
        CompletableFuture<Void> stopping = new CompletableFuture<>();
        engine.transport.lastSubscription().stopping = stopping;
        CompletableFuture<Thread> thread =
                subscription.drain(Duration.ofSeconds(30)).thenApply(report -> Thread.currentThread());

        stopping.complete(null); // on this thread, which stands for the transport's

        assertThat(Latches.get(thread)).isNotSameAs(Thread.currentThread());
    }

    @Test
    void subscription_always_tellsWhatItIs() {
        Subscription subscription =
                engine.messenger.subscribe("news.*", delivery -> {}, SubscribeOptions.queueGroup("group"));

        assertThat(subscription.subject()).isEqualTo("news.*");
        assertThat(subscription.queueGroup()).contains("group");
        assertThat(subscription.isActive()).isTrue();
        assertThat(engine.transport.lastSubscription().spec.queueGroup()).contains("group");
    }

    @Test
    void executor_rejects_messagesAreStillDelivered() {
        Setup setup = new Setup();
        setup.handlerExecutor = task -> {
            throw new java.util.concurrent.RejectedExecutionException("full");
        };
        try (Engine rejecting = setup.start()) {
            rejecting.messenger.subscribe("news", delivery -> handled.add(delivery.text()));

            rejecting.transport.lastSubscription().message("x");

            rejecting.until(() -> handled.contains("x"));
        }
    }

    private void whenReleased(dev.antiphon.Delivery delivery) throws InterruptedException {
        goOn.acquire();
        handled.add(delivery.text());
    }

    private ScriptedSubscription subscribe(MessageHandler handler) {
        return subscribe(handler, SubscribeOptions.DEFAULTS);
    }

    private ScriptedSubscription subscribe(MessageHandler handler, SubscribeOptions options) {
        engine.messenger.subscribe("news", handler, options);
        return engine.transport.lastSubscription();
    }
}
