package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.DrainReport;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.Subscription;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rule E11: the soft end of a messenger. */
class DrainTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(100);

    private final Engine engine = Engine.start();
    private final CountDownLatch goOn = new CountDownLatch(1);

    @AfterEach
    void closed() {
        goOn.countDown();
        engine.close();
        assertThat(engine.stats().consistent()).isTrue();
        assertThat(engine.stats().inFlight()).isZero();
    }

    @Test
    void drain_always_keepsTheOrder() {
        engine.transport.onReply = sent -> {
            engine.transport.log.add("reply");
            sent.confirm();
        };
        ScriptedSubscription work = waiting();
        work.request("running");
        engine.transport.log.clear();

        CompletableFuture<DrainReport> drained = engine.messenger.drain(LONG);
        engine.transport.log.add("handler ends");
        goOn.countDown();

        assertThat(Latches.get(drained).complete()).isTrue();
        assertThat(engine.transport.log.stream().distinct())
                .containsExactly("stop work", "handler ends", "reply", "flush", "channel closed", "close");
        assertThat(engine.messenger.state()).isEqualTo(ConnectionState.CLOSED);
    }

    @Test
    void drain_nothingToDo_isQuickAndComplete() {
        DrainReport report = Latches.get(engine.messenger.drain(LONG));

        assertThat(report.complete()).isTrue();
        assertThat(report.handled()).isZero();
        assertThat(report.elapsed()).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void drain_whatTheTransportStillHolds_isHandled() {
        ScriptedSubscription work = engine.respond(request -> Message.of("served"));
        CompletableFuture<Void> stopping = new CompletableFuture<>();
        work.stopping = stopping;

        CompletableFuture<DrainReport> drained = engine.messenger.drain(LONG);
        ScriptedDelivery late = work.request("in the transport's buffer");
        assertThat(late.reply().text()).isEqualTo("served");
        assertThat(drained).isNotDone();
        stopping.complete(null);

        DrainReport report = Latches.get(drained);
        assertThat(report.handled()).isEqualTo(1);
        assertThat(report.complete()).isTrue();
    }

    @Test
    void drain_requestsInFlight_getTheirReplies() {
        Call call = engine.request();
        SentRequest sent = engine.transport.nextRequest();

        CompletableFuture<DrainReport> drained = engine.messenger.drain(LONG);
        engine.until(() -> engine.messenger.state() == ConnectionState.CONNECTED);
        assertThat(drained).isNotDone();
        sent.reply("reply");

        assertThat(call.join().text()).isEqualTo("reply");
        DrainReport report = Latches.get(drained);
        assertThat(report.repliesReceived()).isEqualTo(1);
        assertThat(report.complete()).isTrue();
    }

    @Test
    void drain_requestUnansweredAtTheLimit_failsAndIsReported() {
        Call call = engine.request();

        DrainReport report = Latches.get(engine.messenger.drain(SHORT));

        assertThat(report.requestsFailed()).isEqualTo(1);
        assertThat(report.complete()).isFalse();
        assertThat(catchThrowableOfType(AntiphonException.class, call::join).code())
                .isEqualTo(ErrorCode.CLOSED);
    }

    @Test
    void drain_handlerStuckAtTheLimit_isAbandonedAndWaitingOnesAreAnswered() {
        engine.messenger.respond(
                "work",
                request -> {
                    Latches.await(goOn);
                    return null;
                },
                RespondOptions.DEFAULTS.withConcurrency(1));
        ScriptedSubscription work = engine.transport.lastSubscription();
        work.request("stuck");
        ScriptedDelivery waiting = work.request("waiting");

        DrainReport report = Latches.get(engine.messenger.drain(SHORT));

        assertThat(report.abandoned()).isEqualTo(2);
        assertThat(report.complete()).isFalse();
        AntiphonException failure = Objects.requireNonNull(ControlCodec.error(waiting.reply()));
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure.retryable()).isTrue();
    }

    @Test
    void drain_running_refusesNewWork() {
        engine.request(); // keeps it draining
        CompletableFuture<DrainReport> drained = engine.messenger.drain(LONG);

        for (Runnable use : java.util.List.<Runnable>of(
                engine::request,
                () -> engine.messenger.publish("subject", Message.empty()),
                () -> engine.messenger.subscribe("subject", delivery -> {}),
                () -> engine.messenger.respond("subject", request -> null))) {
            assertThatThrownBy(use::run)
                    .isInstanceOfSatisfying(
                            AntiphonException.class,
                            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CLOSED))
                    .hasMessageContaining("draining");
        }
        assertThat(drained).isNotDone();
    }

    @Test
    void drain_handlerRunning_mayRequestAndPublish() {
        ScriptedDelivery delivery = engine.respond(request -> {
                    Latches.await(goOn);
                    engine.messenger.publish("subject", Message.empty()).join();
                    return engine.request().join();
                })
                .request("running");
        CompletableFuture<DrainReport> drained = engine.messenger.drain(LONG);

        goOn.countDown();
        engine.transport.nextRequest().reply("nested");

        assertThat(delivery.reply().text()).isEqualTo("nested");
        assertThat(Latches.get(drained).complete()).isTrue();
    }

    @Test
    void drain_handlerLeavesARequestBehind_isAnsweredToo() {
        CompletableFuture<Call> nested = new CompletableFuture<>();
        ScriptedDelivery delivery = engine.respond(request -> {
                    Latches.await(goOn);
                    nested.complete(engine.request());
                    return null; // does not wait for it
                })
                .request("running");
        CompletableFuture<DrainReport> drained = engine.messenger.drain(LONG);
        whenTickedOften();

        goOn.countDown();
        delivery.reply();
        SentRequest sent = engine.transport.nextRequest();
        whenTickedOften();
        sent.reply("reply");

        assertThat(Latches.get(nested).join().text()).isEqualTo("reply");
        assertThat(Latches.get(drained).complete()).isTrue();
    }

    /** Returns when the ticker has seen the present state: another messenger's timer of some ticks has fired. */
    private static void whenTickedOften() {
        try (Engine other = Engine.start()) {
            Call call = other.request(RequestOptions.timeout(Duration.ofMillis(30)));
            assertThatThrownBy(call::join).isInstanceOf(AntiphonException.class);
        }
    }

    @Test
    void drain_withinAHandler_waitsForTheHandlerAndNotForItself() {
        CompletableFuture<CompletableFuture<DrainReport>> draining = new CompletableFuture<>();
        ScriptedDelivery delivery = engine.respond(request -> {
                    draining.complete(engine.messenger.drain(LONG));
                    return Message.of("goodbye");
                })
                .request("leave");

        assertThat(delivery.reply().text()).isEqualTo("goodbye");
        assertThat(Latches.get(Latches.get(draining)).handled()).isEqualTo(1);
    }

    @Test
    void drain_twice_givesTheSameReport() {
        CompletableFuture<DrainReport> first = engine.messenger.drain(LONG);
        CompletableFuture<DrainReport> second = engine.messenger.drain(SHORT);

        assertThat(Latches.get(second)).isSameAs(Latches.get(first));
        assertThat(engine.transport.log).containsOnlyOnce("close");
    }

    @Test
    void drain_closedAlready_failsClosed() {
        engine.close();

        assertThat(engine.messenger.drain(LONG))
                .failsWithin(LONG)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        AntiphonException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CLOSED));
    }

    @Test
    void drain_limitBeyondAnyNumberOfNanos_works() {
        assertThat(Latches.get(engine.messenger.drain(Duration.ofSeconds(Long.MAX_VALUE)))
                        .complete())
                .isTrue();
    }

    @Test
    void drain_aSubscriptionDrainsWithALongerLimit_keepsItsOwn() {
        Subscription subscription = engine.messenger.respond("work", request -> {
            Latches.await(goOn);
            return null;
        });
        engine.transport.lastSubscription().request("stuck");
        CompletableFuture<DrainReport> ofSubscription = subscription.drain(LONG);

        DrainReport report = engine.messenger
                .drain(SHORT)
                .orTimeout(10, java.util.concurrent.TimeUnit.SECONDS)
                .join();

        assertThat(report.abandoned()).isEqualTo(1);
        assertThat(ofSubscription).isNotNull();
    }

    private ScriptedSubscription waiting() {
        return engine.respond(request -> {
            Latches.await(goOn);
            return null;
        });
    }
}
