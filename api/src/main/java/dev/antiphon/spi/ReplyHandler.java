package dev.antiphon.spi;

import dev.antiphon.Message;

/** Receives what arrives at a reply channel. Called on any thread of the transport; never blocks, never throws. */
public interface ReplyHandler {

    /** A reply, with the correlation id its request was sent with. */
    void onReply(long correlationId, Message reply);

    /** The broker says that nobody serves the subject of this request. */
    void onNoResponders(long correlationId);

    /** Something arrived whose correlation can not be read. */
    void onUnreadable(String correlation, Message reply);
}
