package dev.antiphon.spi;

/**
 * Receives the deliveries of one subscription. Messages of one publisher come in the order they were sent. Never throws.
 * See {@link SubscribeSpec#runsUserCode()} for the threads.
 */
@FunctionalInterface
public interface InboundHandler {

    /** One message. */
    void onMessage(InboundMessage message);
}
