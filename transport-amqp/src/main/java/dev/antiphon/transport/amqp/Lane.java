package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import java.io.IOException;

/** A channel, used by one thread at a time. What is sent leaves the socket when the lane is left. */
final class Lane {

    /** One command, or several, on the channel. */
    interface Use {
        void on(Channel channel) throws IOException;
    }

    final Channel channel;
    private final Outbox outbox;
    /** Whether something was published that a flush has to wait for. */
    private volatile boolean dirty;

    Lane(Channel channel, Outbox outbox) {
        this.channel = channel;
        this.outbox = outbox;
    }

    /** Publishes, between {@link #cork} and {@link #uncork}. Nothing waits for the network. */
    synchronized void publish(
            String exchange, String routingKey, boolean mandatory, BasicProperties properties, byte[] body)
            throws IOException {
        dirty = true;
        channel.basicPublish(exchange, routingKey, mandatory, properties, body);
    }

    /** Uses the channel for something else. */
    void use(Use use) throws IOException {
        outbox.cork();
        try {
            synchronized (this) {
                use.on(channel);
            }
        } finally {
            outbox.uncork();
        }
    }

    /** How many bytes wait to be written to the connection. */
    int waiting() {
        return outbox.waiting();
    }

    /** Holds back what is sent until {@link #uncork}, so that several sends leave together. */
    void cork() {
        outbox.cork();
    }

    void uncork() {
        outbox.uncork();
    }

    /** Ends {@link #cork} without sending: {@link #send} follows. */
    void release() {
        outbox.release();
    }

    void send() {
        outbox.send();
    }

    /** Runs a task once, before the next write to the connection, in which what it sends leaves. */
    void beforeWrite(Runnable task) {
        outbox.beforeWrite(task);
    }

    boolean isDirty() {
        return dirty;
    }

    void flushed() {
        dirty = false;
    }

    boolean isOpen() {
        return channel.isOpen();
    }
}
