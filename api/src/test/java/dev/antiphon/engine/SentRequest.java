package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;

/** A request that the engine handed to {@link ScriptedTransport}, and what may become of it. */
record SentRequest(ReplyHandler replies, OutboundMessage outbound, long correlationId, SendCallback callback) {

    String budget() {
        return outbound.message().header(ControlHeaders.BUDGET).orElse("none");
    }

    void confirm() {
        callback.onSent();
    }

    void fail(ErrorCode code) {
        callback.onFailed(new AntiphonException(code, "scripted"));
    }

    void reply(String text) {
        reply(Message.of(text));
    }

    void reply(Message reply) {
        replies.onReply(correlationId, reply);
    }

    /** A frame of a responder, with the way back. */
    void frame(String frame, ReplyAddress from) {
        replies.onReply(
                correlationId, Message.empty().withHeaders(Headers.received(ControlHeaders.FRAME, frame)), from);
    }

    void frame(String frame, String body, ReplyAddress from) {
        replies.onReply(
                correlationId, Message.of(body).withHeaders(Headers.received(ControlHeaders.FRAME, frame)), from);
    }

    String wants() {
        return outbound.message().header(ControlHeaders.WANTS).orElse("none");
    }

    void noResponders() {
        replies.onNoResponders(correlationId);
    }
}
