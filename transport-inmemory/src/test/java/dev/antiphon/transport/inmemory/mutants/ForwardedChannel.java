package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A reply channel with both of its ends in reach: requests pass through, and so do replies. A mutant overrides one thing. */
class ForwardedChannel implements ReplyChannel, ReplyHandler {
    final ReplyHandler engine;
    ReplyChannel sound;

    ForwardedChannel(ReplyHandler engine) {
        this.engine = engine;
    }

    ForwardedChannel over(ReplyChannel channel) {
        sound = channel;
        return this;
    }

    @Override
    public void request(OutboundMessage message, long correlationId, SendCallback callback) {
        sound.request(message, correlationId, callback);
    }

    @Override
    public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
        sound.reply(to, message, correlationId, callback);
    }

    @Override
    public CompletionStage<Void> close() {
        return sound.close();
    }

    @Override
    public void onReply(long correlationId, Message reply) {
        engine.onReply(correlationId, reply);
    }

    @Override
    public void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
        if (from == null) {
            onReply(correlationId, reply);
        } else {
            engine.onReply(correlationId, reply, from);
        }
    }

    @Override
    public void onNoResponders(long correlationId) {
        engine.onNoResponders(correlationId);
    }

    @Override
    public void onUnreadable(String correlation, Message reply) {
        engine.onUnreadable(correlation, reply);
    }
}
