package dev.antiphon.spi;

import java.util.concurrent.CompletionStage;

/**
 * A private address for the replies to many requests, told apart by correlation id. It sends its own requests, because
 * some brokers want request and reply consumer on one channel.
 */
public interface ReplyChannel {

    /**
     * Makes one attempt to send a request that asks for a reply to this channel. Like {@link Transport#publish}
     * otherwise. The engine has registered {@code correlationId} before, so a reply may arrive at once.
     *
     * @param correlationId travels to the responder and back, in the broker's own field where it has one
     */
    void request(OutboundMessage message, long correlationId, SendCallback callback);

    /** Stops taking replies and frees the address on the broker. Idempotent; the stage never fails. */
    CompletionStage<Void> close();
}
