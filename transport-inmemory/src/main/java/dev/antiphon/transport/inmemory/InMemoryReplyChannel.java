package dev.antiphon.transport.inmemory;

import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.util.concurrent.CompletionStage;

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
        callback.onSent();
        if (!served) {
            handler.onNoResponders(correlationId);
        }
    }

    /** Brings a reply here, from whatever transport of the broker. */
    void deliver(long correlationId, Message reply) {
        broker.reply(this, correlationId, reply);
    }

    /** Takes a reply, on a thread that {@link #close} waits for. */
    void receive(long correlationId, Message reply) {
        if (!closed) {
            handler.onReply(correlationId, reply);
        }
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
