package dev.antiphon.transport.inmemory;

import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A reply channel is a reference to its handler: replies are handed over on the replying thread. */
final class InMemoryReplyChannel implements ReplyChannel {

    private final InMemoryTransport transport;
    private final InMemoryBroker broker;
    private final String token;
    private final ReplyHandler handler;
    private volatile boolean closed;

    InMemoryReplyChannel(InMemoryTransport transport, InMemoryBroker broker, String token, ReplyHandler handler) {
        this.transport = transport;
        this.broker = broker;
        this.token = token;
        this.handler = handler;
    }

    @Override
    public void request(OutboundMessage message, long correlationId, SendCallback callback) {
        if (transport.refuses(message, callback)) {
            return;
        }
        if (closed) {
            callback.onFailed(InMemoryTransport.closed("the reply channel is closed", message.subject()));
            return;
        }
        boolean served =
                broker.deliver(new InMemoryDelivery(message.subject(), message.message(), this, correlationId));
        if (!served) {
            handler.onNoResponders(
                    correlationId); // first: who is told that it was sent may flush, and take silence for an answer
        }
        callback.onSent();
    }

    @Override
    public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
        if (transport.refuses(message, callback)) {
            return;
        }
        if (!(to instanceof InMemoryDelivery request)) {
            callback.onFailed(InMemoryTransport.foreign(to));
            return;
        }
        boolean taken = request.reply(
                message.message(), new InMemoryDelivery(message.subject(), message.message(), this, correlationId));
        callback.onSent();
        if (!taken && !closed) {
            handler.onNoResponders(correlationId);
        }
    }

    /** Brings a reply here, from whatever transport of the broker; false if this is closed. */
    boolean deliver(long correlationId, Message reply, @Nullable InMemoryDelivery from) {
        return broker.reply(this, correlationId, reply, from);
    }

    /** Takes a reply, on a thread that {@link #close} waits for. */
    boolean receive(long correlationId, Message reply, @Nullable InMemoryDelivery from) {
        if (closed) {
            return false;
        }
        handler.onReply(correlationId, reply, from);
        return true;
    }

    @Override
    public CompletionStage<Void> close() {
        markClosed();
        transport.forget(this);
        return broker.quiesce();
    }

    void markClosed() {
        closed = true;
    }

    @Override
    public String toString() {
        return "inmemory://" + broker.name() + "/" + token;
    }
}
