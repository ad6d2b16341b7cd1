package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Request;
import dev.antiphon.RespondOptions;
import dev.antiphon.spi.ControlHeaders;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The responder's side: telling that a request is accepted, how far it got, and hearing that it is cancelled. */
class FramedRequestTest {

    private final Engine engine = Engine.start();
    private final CountDownLatch goOn = new CountDownLatch(1);

    @AfterEach
    void nothingIsLeft() {
        goOn.countDown();
        engine.until(() -> engine.stats().handlersRunning() == 0);
        assertThat(engine.stats().exchanges()).isZero();
        engine.close();
    }

    @Test
    void accepted_wanted_isSaidWhenTheHandlerBegins() {
        ScriptedSubscription work = engine.respond(request -> Message.of("reply"));
        ScriptedDelivery delivery = deliver(work, "1;accepted");

        assertThat(delivery.reply().text()).isEqualTo("reply");
        SentFrame frame = engine.transport.nextFrame();
        assertThat(frame.kind()).isEqualTo("accepted");
        assertThat(frame.to()).isSameAs(delivery);
        assertThat(engine.transport.frames).isEmpty();
    }

    @Test
    void accepted_notWanted_isNotSaid() {
        ScriptedSubscription work = engine.respond(request -> {
            request.accept();
            request.progress(Message.of("half"));
            return Message.of("reply");
        });

        assertThat(work.request("plain").reply().text()).isEqualTo("reply");
        assertThat(deliver(work, "nonsense").reply().text()).isEqualTo("reply");
        assertThat(engine.transport.frames).isEmpty();
    }

    @Test
    void accepted_byTheHandler_isSaidWhenItSaysSo() {
        engine.messenger.respond(
                "work",
                request -> {
                    assertThat(engine.transport.frames).isEmpty();
                    request.accept();
                    request.accept();
                    return Message.of("reply");
                },
                RespondOptions.DEFAULTS.withAutoAccept(false));

        assertThat(deliver(engine.transport.lastSubscription(), "1;accepted")
                        .reply()
                        .text())
                .isEqualTo("reply");
        assertThat(engine.transport.frames).hasSize(1);
    }

    @Test
    void progress_wanted_isSent() {
        ScriptedSubscription work = engine.respond(request -> {
            request.progress(Message.of("half").withHeader("percent", "50"));
            return Message.of("reply");
        });
        deliver(work, "1;accepted;progress").reply();

        assertThat(engine.transport.nextFrame().kind()).isEqualTo("accepted");
        SentFrame progress = engine.transport.nextFrame();
        assertThat(progress.kind()).isEqualTo("progress");
        assertThat(progress.text()).isEqualTo("half");
        assertThat(progress.outbound().message().header("percent")).contains("50");
    }

    @Test
    void cancel_handlerRuns_seesItAndItsReplyIsDropped() {
        CountDownLatch ran = new CountDownLatch(2);
        AtomicReference<Request> seen = new AtomicReference<>();
        ScriptedSubscription work = engine.respond(request -> {
            request.onCancel(ran::countDown);
            seen.set(request);
            Latches.await(ran);
            return Message.of("for nobody");
        });
        ScriptedDelivery delivery = deliver(work, "1;accepted");
        SentFrame accepted = engine.transport.nextFrame();
        engine.until(() -> seen.get() != null);
        assertThat(seen.get().isCancelled()).isFalse();

        accepted.answer("cancel");
        accepted.answer("cancel");
        engine.until(() -> ran.getCount() == 1);
        assertThat(seen.get().isCancelled()).isTrue();
        seen.get().onCancel(ran::countDown);

        engine.until(() -> engine.stats().handlersRunning() == 0);
        assertThat(delivery.replies).isEmpty();
        assertThat(delivery.settlements).hasSize(1);
        assertThat(engine.stats().requestsCancelled()).isEqualTo(1);
    }

    @Test
    void cancel_interruptWanted_interruptsTheHandler() {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        engine.messenger.respond(
                "work",
                request -> {
                    try {
                        goOn.await();
                        interrupted.complete(false);
                    } catch (InterruptedException e) {
                        interrupted.complete(true);
                    }
                    return null;
                },
                RespondOptions.DEFAULTS.withInterruptOnCancel(true));
        deliver(engine.transport.lastSubscription(), "1;accepted");

        engine.transport.nextFrame().answer("cancel");

        assertThat(Latches.get(interrupted)).isTrue();
    }

    @Test
    void cancel_nestedRequest_isCancelledToo() {
        ScriptedSubscription work = engine.respond(request -> engine.request().join());
        deliver(work, "1;accepted");
        SentFrame accepted = engine.transport.nextFrame();
        SentRequest nested = engine.transport.nextRequest();
        assertThat(nested.wants()).isEqualTo("1;accepted");

        accepted.answer("cancel");

        engine.until(() -> engine.stats().inFlight() == 0);
    }

    @Test
    void nested_answered_isForgotten() {
        engine.transport.onRequest = sent -> {
            sent.confirm();
            sent.reply("nested");
        };
        ScriptedSubscription work = engine.respond(request -> {
            for (int i = 0; i < 1000; i++) {
                engine.request().join();
            }
            return Message.of("reply");
        });

        assertThat(deliver(work, "1;accepted").reply().text()).isEqualTo("reply");
    }

    @Test
    void requester_gone_countsAsCancelled() {
        AtomicReference<Request> seen = new AtomicReference<>();
        ScriptedSubscription work = engine.respond(request -> {
            seen.set(request);
            Latches.await(goOn);
            return null;
        });
        deliver(work, "1;accepted");

        engine.transport.nextFrame().nobodyThere();

        engine.until(() -> seen.get() != null && seen.get().isCancelled());
    }

    @Test
    void frames_random_doNoHarm() {
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        ScriptedSubscription work = engine.respond(request -> {
            Latches.await(goOn);
            return Message.of("reply");
        });
        ScriptedDelivery delivery = deliver(work, "1;accepted");
        SentFrame accepted = engine.transport.nextFrame();
        for (int i = 0; i < 10_000; i++) {
            String value = FrameTest.randomValue(random);
            if (Frame.parse(value).kind() != Frame.Kind.CANCEL) {
                accepted.answer(value);
            }
        }
        goOn.countDown();
        assertThat(delivery.reply().text()).as("seed %d", seed).isEqualTo("reply");
    }

    @Test
    void close_handlersRun_tellsTheirRequesters() {
        CountDownLatch begun = new CountDownLatch(2);
        ScriptedSubscription work = engine.respond(request -> {
            begun.countDown();
            Latches.await(goOn);
            return Message.of("too late");
        });
        ScriptedDelivery plain = work.request("plain");
        ScriptedDelivery framed = deliver(work, "1;accepted");
        engine.transport.nextFrame();
        CompletableFuture<Message> never = new CompletableFuture<>();
        CountDownLatch begunAsync = new CountDownLatch(1);
        engine.messenger.respondAsync("async", request -> {
            begunAsync.countDown();
            return never;
        });
        ScriptedDelivery async = engine.transport.lastSubscription().request("async");
        Latches.await(begun);
        Latches.await(begunAsync);

        engine.close();

        for (ScriptedDelivery delivery : java.util.List.of(plain, framed, async)) {
            Message told = delivery.reply();
            assertThat(told.header(ControlHeaders.ERROR)).contains("UNAVAILABLE");
            assertThat(told.header(ControlHeaders.FRAME)).contains("going-away");
        }
        goOn.countDown();
        never.complete(Message.of("too late"));
        engine.until(() -> engine.stats().handlersRunning() == 0);
        assertThat(plain.replies).isEmpty();
        assertThat(async.replies).isEmpty();
    }

    private static ScriptedDelivery deliver(ScriptedSubscription to, String wants) {
        Message message = Message.of("request").withHeaders(Headers.received(ControlHeaders.WANTS, wants));
        return to.deliver(new ScriptedDelivery(to.spec.subject(), message, true));
    }
}
