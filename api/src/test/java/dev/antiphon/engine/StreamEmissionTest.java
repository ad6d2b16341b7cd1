package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.RespondOptions;
import dev.antiphon.StreamEmitter;
import dev.antiphon.StreamHandler;
import dev.antiphon.spi.ControlHeaders;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The responder's end of a stream: credit, the end, and a requester that is not heard of. */
class StreamEmissionTest {

    private static final String PATIENT = "1;stream;credit=2;gap=60000";

    private final Engine engine = Engine.start();
    private final CountDownLatch over = new CountDownLatch(1);

    @AfterEach
    void nothingIsLeft() {
        over.countDown();
        engine.until(() -> engine.stats().handlersRunning() == 0);
        assertThat(engine.stats().exchanges()).isZero();
        engine.close();
    }

    /** A stream that was asked for, and its emitter; the handler has returned. */
    private record Opened(ScriptedDelivery delivery, StreamEmitter emitter, SentFrame accepted) {
        /** The frame of the next message to the requester, without what tells the handling. */
        String next() {
            Message sent = delivery.reply();
            return sent.header(ControlHeaders.FRAME).orElse("none").replaceFirst(";x=.*", "");
        }
    }

    private Opened open(String wants) {
        CompletableFuture<StreamEmitter> emitter = new CompletableFuture<>();
        ScriptedDelivery delivery = ask((request, opened) -> emitter.complete(opened), wants);
        SentFrame accepted = engine.transport.nextFrame();
        assertThat(accepted.kind()).isEqualTo("accepted");
        return new Opened(delivery, Latches.get(emitter), accepted);
    }

    private ScriptedDelivery ask(StreamHandler handler, String wants) {
        engine.messenger.respondStream("work", handler, RespondOptions.DEFAULTS);
        Message request = Message.of("?").withHeaders(Headers.received(ControlHeaders.WANTS, wants));
        return engine.transport.lastSubscription().deliver(new ScriptedDelivery("work", request, true));
    }

    @Test
    void trySend_asFarAsThereIsCredit() {
        Opened stream = open(PATIENT);
        assertThat(stream.emitter.credit()).isEqualTo(2);
        assertThat(stream.emitter.trySend(Message.of("a"))).isTrue();
        assertThat(stream.emitter.trySend(Message.of("b"))).isTrue();
        assertThat(stream.emitter.trySend(Message.of("c"))).isFalse();
        assertThat(stream.emitter.credit()).isZero();

        stream.accepted.answer("credit;n=3");
        assertThat(stream.emitter.trySend(Message.of("c"))).isTrue();
        assertThat(stream.emitter.trySend(Message.of("d"))).isFalse();
        stream.emitter.complete();

        assertThat(List.of(stream.next(), stream.next(), stream.next(), stream.next()))
                .containsExactly("item", "item;n=1", "item;n=2", "end;n=3");
    }

    @Test
    void credit_lessThanBefore_takesNothingBack() {
        Opened stream = open(PATIENT);
        stream.accepted.answer("credit;n=5");
        stream.accepted.answer("credit;n=3");

        assertThat(stream.emitter.credit()).isEqualTo(5);
        stream.emitter.complete();
    }

    @Test
    void awaitCredit_endsWithCreditAndWithTheCancellation() {
        Opened stream = open("1;stream;credit=0;gap=60000");
        CompletableFuture<Boolean> first = awaiting(stream.emitter);
        stream.accepted.answer("credit;n=1");
        assertThat(Latches.get(first)).isTrue();
        stream.emitter.trySend(Message.of("a"));

        CompletableFuture<Boolean> second = awaiting(stream.emitter);
        stream.accepted.answer("cancel");

        assertThat(Latches.get(second)).isFalse();
        assertThat(stream.emitter.isCancelled()).isTrue();
        assertThat(stream.emitter.trySend(Message.of("b"))).isFalse();
        assertThat(stream.emitter.credit()).isZero();
        assertThat(stream.next()).isEqualTo("item");
        assertThat(stream.delivery.replies).as("after the cancellation").isEmpty();
    }

    private static CompletableFuture<Boolean> awaiting(StreamEmitter emitter) {
        return Background.supply(() -> {
            try {
                return emitter.awaitCredit();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void onCredit_isCalledWhenItIsSetAndWhenThereIsMore() {
        Opened stream = open(PATIENT);
        List<Long> credits = new CopyOnWriteArrayList<>();
        stream.emitter.onCredit(() -> credits.add(stream.emitter.credit()));
        engine.until(() -> credits.equals(List.of(2L)));

        stream.accepted.answer("credit;n=2");
        stream.accepted.answer("credit;n=7");

        engine.until(() -> credits.equals(List.of(2L, 7L)));
        stream.emitter.complete();
    }

    @Test
    void end_isTheEnd() {
        Opened stream = open(PATIENT);
        stream.emitter.complete();
        stream.emitter.complete();
        stream.emitter.fail(new IllegalStateException("too late"));

        assertThat(stream.emitter.trySend(Message.of("a"))).isFalse();
        assertThat(stream.next()).isEqualTo("end");
        assertThat(stream.delivery.replies).isEmpty();
        assertThat(stream.delivery.settlements).hasSize(1);
    }

    @Test
    void handler_throwsAfterAnItem_isAnErrorThatCountsIt() {
        ScriptedDelivery delivery = ask(
                (request, emitter) -> {
                    emitter.trySend(Message.of("a"));
                    throw new RemoteException("BROKEN", "sorry");
                },
                PATIENT);

        assertThat(delivery.reply().text()).isEqualTo("a");
        Message error = delivery.reply();
        assertThat(error.header(ControlHeaders.FRAME).orElse("")).startsWith("error;n=1;");
        assertThat(error.header(ControlHeaders.ERROR_CODE)).contains("BROKEN");
    }

    @Test
    void item_withAHeaderOfOurs_isRefused() {
        Opened stream = open(PATIENT);
        Message forged = Message.of("a").withHeader(ControlHeaders.FRAME, "end");

        assertThatThrownBy(() -> stream.emitter.trySend(forged)).isInstanceOf(AntiphonException.class);

        assertThat(stream.emitter.credit()).isEqualTo(2);
        stream.emitter.complete();
        assertThat(stream.next()).isEqualTo("end");
    }

    @Test
    void item_tooLarge_endsTheStreamWithThat() {
        engine.transport.onReply = reply -> {
            if (reply.outbound().message().text().equals("large")) {
                reply.callback().onFailed(ScriptedTransport.failure(ErrorCode.TOO_LARGE));
            } else {
                reply.confirm();
            }
        };
        Opened stream = open(PATIENT);
        stream.emitter.trySend(Message.of("a"));
        stream.emitter.trySend(Message.of("large"));

        assertThat(stream.next()).isEqualTo("item");
        assertThat(stream.next()).as("what was refused").isEqualTo("item;n=1");
        Message error = stream.delivery.reply();
        assertThat(error.header(ControlHeaders.FRAME).orElse("")).startsWith("error;n=1;");
        assertThat(error.header(ControlHeaders.ERROR_CODE)).contains("TOO_LARGE");
    }

    @Test
    void item_thatCanNotBeSent_endsIt() {
        engine.transport.onReply =
                reply -> reply.callback().onFailed(ScriptedTransport.failure(ErrorCode.NOT_CONNECTED));
        Opened stream = open(PATIENT);

        stream.emitter.trySend(Message.of("a"));

        assertThat(stream.emitter.isCancelled()).isTrue();
        assertThat(stream.emitter.trySend(Message.of("b"))).isFalse();
    }

    @Test
    void requester_silentForTheGap_isGivenUp() {
        CompletableFuture<Void> told = new CompletableFuture<>();
        Opened stream = open("1;stream;credit=2;gap=50");
        stream.emitter.onCancel(() -> told.complete(null));

        Latches.get(told);

        assertThat(stream.emitter.isCancelled()).isTrue();
        assertThat(engine.transport.nextFrame().kind())
                .as("a sign of life before that")
                .isEqualTo("accepted");
        engine.transport.frames.clear();
    }

    @Test
    void requester_goneAsTheBrokerSays_isGivenUpAtOnce() {
        Opened stream = open(PATIENT);

        stream.accepted.nobodyThere();

        assertThat(stream.emitter.isCancelled()).isTrue();
    }

    @Test
    void request_forAPlainReply_isRefused() {
        ScriptedDelivery delivery = ask((request, emitter) -> emitter.complete(), "1;accepted");

        assertThat(delivery.reply().header(ControlHeaders.ERROR_CODE)).contains("INVALID_ARGUMENT");
        assertThat(engine.transport.nextFrame().kind()).isEqualTo("accepted");
    }
}
