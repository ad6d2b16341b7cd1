package dev.antiphon.spi;

import dev.antiphon.Message;
import org.jspecify.annotations.Nullable;

/** Receives what arrives at a reply channel. Called on any thread of the transport; never blocks, never throws. */
public interface ReplyHandler {

    /** A reply, with the correlation id its request was sent with, that tells no way back. */
    void onReply(long correlationId, Message reply);

    /**
     * A reply, with the correlation id its request was sent with.
     *
     * @param from where to send an answer to the reply, if it was sent with {@link ReplyChannel#reply}; else null
     */
    default void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
        onReply(correlationId, reply);
    }

    /** The broker says that nobody serves the subject of this request. */
    void onNoResponders(long correlationId);

    /** Something arrived whose correlation can not be read. */
    void onUnreadable(String correlation, Message reply);
}
