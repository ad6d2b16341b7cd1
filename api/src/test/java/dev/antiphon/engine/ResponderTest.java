package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.RequestHandler;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.InboundMessage.Settlement;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a responder answers. */
class ResponderTest {

    private final Engine engine = Engine.start();

    @AfterEach
    void nothingIsLeft() {
        engine.until(() -> engine.stats().handlersRunning() == 0);
        assertThat(engine.stats().requestsReceived())
                .isEqualTo(engine.stats().requestsAnswered()
                        + engine.stats().requestsExpired()
                        + engine.stats().requestsRejected());
        engine.close();
    }

    @Test
    void handler_returnsAReply_itIsSentAndTheRequestSettled() {
        ScriptedDelivery delivery = engine.respond(
                        request -> Message.of("echo " + request.text()).withHeader("a", "1"))
                .request("hello");

        Message reply = delivery.reply();

        assertThat(reply).isEqualTo(Message.of("echo hello").withHeader("a", "1"));
        engine.until(() -> delivery.settlements.size() == 1);
        assertThat(delivery.settlements).containsExactly(Settlement.ACCEPT);
    }

    @Test
    void handler_looksAtTheRequest_seesNoControlHeaders() {
        CompletableFuture<Request> seen = new CompletableFuture<>();
        ScriptedSubscription work = engine.respond(request -> {
            seen.complete(request);
            return null;
        });

        work.request("hello", 1000).reply();

        Request request = Latches.get(seen);
        assertThat(request.message()).isEqualTo(Message.of("hello"));
        assertThat(request.subject()).isEqualTo("work");
        assertThat(request.expectsReply()).isTrue();
    }

    @Test
    void settlement_always_waitsForTheEndOfTheSend() {
        CompletableFuture<SentMessage> sent = new CompletableFuture<>();
        engine.transport.onReply = sent::complete;
        ScriptedDelivery delivery = engine.respond(request -> null).request("hello");
        SentMessage reply = Latches.get(sent);
        assertThat(delivery.settlements).isEmpty();
        assertThat(engine.stats().handlersRunning()).isEqualTo(1);

        reply.confirm();

        assertThat(delivery.settlements).containsExactly(Settlement.ACCEPT);
        assertThat(engine.stats().handlersRunning()).isZero();
    }

    @Test
    void handler_returnsNull_theReplyIsEmpty() {
        assertThat(replyOf(request -> null)).isEqualTo(Message.empty());
    }

    @Test
    void handler_wantsNoReply_nothingIsSent() {
        ScriptedDelivery delivery = engine.respond(request -> {
                    request.noReply();
                    return Message.of("dropped");
                })
                .request("hello");

        engine.until(() -> delivery.settlements.size() == 1);
        assertThat(delivery.replies).isEmpty();
        assertThat(engine.stats().requestsAnswered()).isEqualTo(1);
    }

    @Test
    void sender_wantsNoReply_theHandlerRunsAndNothingIsSent() {
        CompletableFuture<Boolean> expectsReply = new CompletableFuture<>();
        ScriptedDelivery delivery = engine.respond(request -> {
                    expectsReply.complete(request.expectsReply());
                    return Message.of("dropped");
                })
                .message("hello");

        engine.until(() -> delivery.settlements.size() == 1);
        assertThat(Latches.get(expectsReply)).isFalse();
        assertThat(delivery.replies).isEmpty();
    }

    @Test
    void handler_throws_theErrorReplyHasNoStackTrace() {
        Message reply = replyOf(request -> {
            throw new IOException("disk full");
        });

        assertThat(reply.size()).isZero();
        assertThat(reply.headers().size()).isEqualTo(3);
        assertThat(reply.header(ControlHeaders.ERROR)).contains("REMOTE");
        assertThat(reply.header(ControlHeaders.ERROR_CODE)).contains("INTERNAL");
        assertThat(reply.header(ControlHeaders.ERROR_MESSAGE)).contains("disk%20full");
    }

    @Test
    void handler_throwsARemoteException_itsCodeTravels() {
        RemoteException failure = (RemoteException) failureOf(request -> {
            throw new RemoteException("OUT_OF_STOCK", "none left: \u20ac 5 \n 100 %");
        });

        assertThat(failure.remoteCode()).isEqualTo("OUT_OF_STOCK");
        assertThat(failure.remoteMessage()).isEqualTo("none left: \u20ac 5 \n 100 %");
    }

    @Test
    void handler_throwsAnError_isAnErrorReply() {
        RemoteException failure = (RemoteException) failureOf(request -> {
            throw new StackOverflowError();
        });

        assertThat(failure.remoteMessage()).isEqualTo("java.lang.StackOverflowError");
    }

    @Test
    void handler_throwsAnEndlessMessage_itIsCutOff() {
        RemoteException failure = (RemoteException) failureOf(request -> {
            throw new IllegalStateException("x".repeat(100_000));
        });

        assertThat(failure.remoteMessage().length()).isBetween(900, 1100);
    }

    @Test
    void handler_itsOwnRequestFailed_theCodeTravels() {
        RemoteException failure = (RemoteException) failureOf(request -> {
            throw new AntiphonException(ErrorCode.NO_RESPONDERS, "nobody");
        });

        assertThat(failure.remoteCode()).isEqualTo("NO_RESPONDERS");
    }

    @Test
    void reply_withAReservedHeader_isAnErrorReply() {
        RemoteException failure = (RemoteException) failureOf(
                request -> Message.empty().withHeaders(dev.antiphon.Headers.received(ControlHeaders.BUDGET, "1")));

        assertThat(failure.remoteCode()).isEqualTo("INVALID_ARGUMENT");
    }

    @Test
    void reply_tooLarge_isAnErrorReplyThatSaysSo() {
        engine.transport.onReply = sent -> {
            if (sent.outbound().message().size() > 100) {
                throw ScriptedTransport.failure(ErrorCode.TOO_LARGE);
            }
            sent.confirm();
        };
        ScriptedDelivery delivery =
                engine.respond(request -> Message.wrap(new byte[101])).request("hello");
        delivery.reply();

        AntiphonException failure = Objects.requireNonNull(ControlCodec.error(delivery.reply()));

        assertThat(failure.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(failure.mayHaveExecuted()).as("it was handled").isTrue();
    }

    @Test
    void reply_neitherItNorTheErrorReplyCanBeSent_isReportedAndSettled() {
        engine.transport.onReply = sent -> sent.callback().onFailed(ScriptedTransport.failure(ErrorCode.TOO_LARGE));
        ScriptedDelivery delivery = engine.respond(request -> null).request("hello");

        engine.until(() -> delivery.settlements.size() == 1);
        engine.until(() -> engine.listener.errors.size() == 1);
        assertThat(delivery.replies).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"CONNECTION_LOST", "NOT_CONNECTED", "INTERNAL"})
    void reply_canNotBeSent_isReportedAndSettled(ErrorCode code) {
        engine.transport.onReply = sent -> sent.callback().onFailed(ScriptedTransport.failure(code));
        ScriptedDelivery delivery = engine.respond(request -> null).request("hello");

        engine.until(() -> engine.listener.errors.size() == 1);
        AntiphonException error = engine.listener.errors.get(0);
        assertThat(error.code()).isEqualTo(code);
        assertThat(error.getMessage()).contains("a reply could not be sent");
        assertThat(error.subject()).isEqualTo("work");
        engine.until(() -> delivery.settlements.size() == 1);
    }

    @Test
    void reply_transportCallsBackAndThenThrows_countsOnce() {
        engine.transport.onReply = sent -> {
            sent.confirm();
            throw new IllegalStateException("a defect of the transport");
        };
        ScriptedSubscription work = engine.respond(request -> null);

        for (int i = 1; i <= 3; i++) {
            work.request("hello").reply();
            int answered = i;
            engine.until(() -> engine.stats().requestsAnswered() == answered);
        }

        assertThat(engine.stats().handlersRunning()).isZero();
    }

    private Message replyOf(RequestHandler handler) {
        return engine.respond(handler).request("hello").reply();
    }

    private AntiphonException failureOf(RequestHandler handler) {
        return Objects.requireNonNull(ControlCodec.error(replyOf(handler)));
    }
}
