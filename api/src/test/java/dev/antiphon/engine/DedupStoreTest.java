package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Dedup;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.RespondOptions;
import dev.antiphon.spi.ControlHeaders;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a responder remembers of requests with a key, and for how long. */
class DedupStoreTest {

    private final ManualClock clock = new ManualClock();
    private final AtomicInteger handled = new AtomicInteger();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final Engine engine = Engine.start();

    @AfterEach
    void close() {
        goOn.countDown();
        engine.close();
    }

    private ScriptedSubscription respond(Dedup dedup, Message reply) {
        return engine.respond(
                request -> {
                    handled.incrementAndGet();
                    return request.text().equals("fail") ? failure() : reply;
                },
                RespondOptions.DEFAULTS.withDedup(dedup));
    }

    private static Message failure() {
        throw new IllegalStateException("broken");
    }

    private static ScriptedDelivery request(ScriptedSubscription to, String key, String text) {
        Message message = Message.of(text).withHeaders(Headers.received(ControlHeaders.IDEMPOTENCY_KEY, key));
        return to.deliver(new ScriptedDelivery(to.spec.subject(), message, true));
    }

    private void ask(ScriptedSubscription to, String key) {
        request(to, key, "?").reply();
    }

    @Test
    void duplicate_ofWhatWasAnswered_getsThatReplyWithItsHeaders() {
        ScriptedSubscription work = respond(Dedup.DEFAULTS, Message.of("done").withHeader("x", "y"));
        ask(work, "k");

        Message again = request(work, "k", "?").reply();

        assertThat(again.text()).isEqualTo("done");
        assertThat(again.header("x")).contains("y");
        assertThat(handled).hasValue(1);
        engine.until(() -> engine.stats().handlersRunning() == 0);
    }

    @Test
    void failure_isToldToWhoWaitsAndNotRemembered() {
        ScriptedSubscription work = engine.respond(
                request -> {
                    handled.incrementAndGet();
                    Latches.await(goOn);
                    return failure();
                },
                RespondOptions.DEFAULTS.withDedup(Dedup.DEFAULTS));
        ScriptedDelivery first = request(work, "k", "?");
        engine.until(() -> handled.get() == 1);
        ScriptedDelivery waiting = request(work, "k", "?");
        goOn.countDown();

        assertThat(first.reply().header(ControlHeaders.ERROR)).isPresent();
        assertThat(waiting.reply().header(ControlHeaders.ERROR)).isPresent();
        int before = handled.get(); // two if the second one came after the end of the first
        assertThat(request(work, "k", "?").reply().header(ControlHeaders.ERROR)).isPresent();
        assertThat(handled).as("the third is handled anew").hasValue(before + 1);
    }

    @Test
    void sameKey_ofAnotherSubject_isOtherWork() {
        engine.messenger.respond(
                "a.*",
                request -> Message.of("handled " + handled.incrementAndGet()),
                RespondOptions.DEFAULTS.withDedup(Dedup.DEFAULTS));
        ScriptedSubscription all = engine.transport.lastSubscription();
        Message message = Message.of("?").withHeaders(Headers.received(ControlHeaders.IDEMPOTENCY_KEY, "k"));

        assertThat(all.deliver(new ScriptedDelivery("a.1", message, true))
                        .reply()
                        .text())
                .isEqualTo("handled 1");
        assertThat(all.deliver(new ScriptedDelivery("a.2", message, true))
                        .reply()
                        .text())
                .isEqualTo("handled 2");
    }

    @Test
    void entries_tooMany_theOldestGoes() {
        ScriptedSubscription work = respond(new Dedup(2, 1000, Duration.ofMinutes(1)), Message.of("done"));
        ask(work, "1");
        ask(work, "2");
        ask(work, "3");
        assertThat(handled).hasValue(3);

        ask(work, "3");
        ask(work, "2");
        assertThat(handled).hasValue(3);
        ask(work, "1");
        assertThat(handled).hasValue(4);
    }

    // -- The store alone: its clock and its size --

    private final DedupStore store = new DedupStore(new Dedup(10, 100, Duration.ofSeconds(1)), clock);

    private void answered(String key, int bytes) {
        assertThat(store.begin(key, request(key))).isTrue();
        store.end(key, Message.wrap(new byte[bytes]));
    }

    private FramedRequest request(String body) {
        Responder responder = new Responder(
                new Responders(
                        engine.transport,
                        new Counters(),
                        new Hooks(engine.listener, Runnable::run),
                        Runnable::run,
                        Runnable::run,
                        clock,
                        new Exchanges(() -> 1, new Counters(), new Alarms(clock)),
                        () -> "r;1"),
                "work",
                request -> {},
                RespondOptions.DEFAULTS);
        return new FramedRequest(
                responder, new ScriptedDelivery("work", Message.of(body), true), false, 0, Wants.NOTHING);
    }

    @Test
    void bytes_tooMany_theOldestGo() {
        answered("1", 60);
        answered("2", 30);
        assertThat(store.size()).isEqualTo(2);

        answered("3", 50);

        assertThat(store.size()).as("30 and 50 bytes").isEqualTo(2);
        assertThat(store.begin("1", request("1"))).as("the first is forgotten").isTrue();
        assertThat(store.begin("2", request("2"))).isFalse();
    }

    @Test
    void reply_largerThanAll_isNotKeptAndDisplacesNothing() {
        answered("1", 10);
        answered("2", 101);

        assertThat(store.size()).isEqualTo(1);
        assertThat(store.begin("2", request("2"))).isTrue();
    }

    @Test
    void reply_old_isForgotten() {
        answered("1", 1);
        clock.advance(Duration.ofMillis(999));
        assertThat(store.begin("1", request("1"))).isFalse();

        clock.advance(Duration.ofMillis(1));

        assertThat(store.begin("1", request("1"))).isTrue();
        assertThat(store.size()).isZero();
    }

    @Test
    void end_withoutAReply_tellsWhoWaitsAndForgets() {
        FramedRequest duplicate = request("again");
        assertThat(store.begin("1", request("1"))).isTrue();
        assertThat(store.begin("1", duplicate)).isFalse();

        assertThat(store.end("1", null)).containsExactly(duplicate);
        assertThat(store.end("1", null)).isEmpty();
        assertThat(store.begin("1", request("1"))).isTrue();
    }
}
