package dev.antiphon.engine;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyHandler;

/** A message with a way back that the engine handed to {@link ScriptedTransport}. */
record SentFrame(ReplyHandler replies, ReplyAddress to, OutboundMessage outbound, long correlationId) {

    String frame() {
        return outbound.message().header(ControlHeaders.FRAME).orElse("none");
    }

    /** What comes before the parameters. */
    String kind() {
        return frame().split(";", 2)[0];
    }

    String text() {
        return outbound.message().text();
    }

    /** The receiver answers with a frame. */
    void answer(String frame) {
        replies.onReply(
                correlationId, Message.empty().withHeaders(Headers.received(ControlHeaders.FRAME, frame)), null);
    }

    /** The broker finds nobody at the address. */
    void nobodyThere() {
        replies.onNoResponders(correlationId);
    }
}
