package dev.antiphon.spi;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import java.util.concurrent.CompletionStage;

/**
 * A private address for the replies to many requests, told apart by correlation id. It sends its own requests, because
 * some brokers want request and reply consumer on one channel.
 */
public interface ReplyChannel {

    /**
     * Makes one attempt to send a request that asks for a reply to this channel. Like {@link Transport#publish}
     * otherwise. The engine has registered {@code correlationId} before, so a reply may arrive at once, even before
     * {@code callback} is told that the request was sent.
     *
     * @param correlationId travels to the responder and back, in the broker's own field where it has one
     */
    void request(OutboundMessage message, long correlationId, SendCallback callback);

    /**
     * Makes one attempt to send a message to a reply address that itself asks for messages back to this channel, under
     * {@code correlationId}; whoever gets it is told the way back as {@code from} of {@link ReplyHandler#onReply(long,
     * Message, ReplyAddress)}. Like {@link Transport#reply} otherwise.
     *
     * <p>Responders tell requesters this way where to send what they have to say before the reply, and requesters answer
     * the same way. The default says that this transport can not do it, and then nothing of that works.
     *
     * @param to an address that came with a request or with a message to this channel
     * @param correlationId as for {@link #request}
     */
    default void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
        callback.onFailed(new AntiphonException(
                ErrorCode.UNSUPPORTED,
                "this transport has no way back from a reply",
                null,
                false,
                message.subject(),
                null));
    }

    /** Stops taking replies and frees the address on the broker. Idempotent; the stage never fails. */
    CompletionStage<Void> close();
}
