package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.antiphon.AntiphonException;
import dev.antiphon.spi.InboundMessage.Settlement;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SendCallback;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A subscription's consumer on one channel. Replies and settlements of what came over this channel leave over it, in one
 * write: the broker has seen the reply before it forgets the request.
 */
final class Consumption extends DefaultConsumer implements Runnable {

    final Session session;
    final Lane lane;
    final String queue;
    private final AmqpSubscription subscription;
    /** Whether the queue, with all that is in it, goes when its last consumer goes. */
    private final boolean goesWithItsConsumers;

    private final Acknowledgements acknowledgements = new Acknowledgements();
    private final AtomicInteger unsettled = new AtomicInteger();
    /** The number of the last delivery; the broker counts from 1. */
    private volatile long arrived;
    /** The number of the last delivery before the stop. Used by the admin thread. */
    private long last;
    /** No more deliveries come; the channel goes when everything is settled. */
    private volatile boolean leaving;

    private volatile boolean gone;

    Consumption(AmqpSubscription subscription, Session session, Lane lane, String queue, boolean goesWithItsConsumers) {
        super(lane.channel);
        this.goesWithItsConsumers = goesWithItsConsumers;
        this.subscription = subscription;
        this.session = session;
        this.lane = lane;
        this.queue = queue;
    }

    // -- In, on the reader's thread --

    @Override
    public void handleDelivery(String consumerTag, Envelope envelope, BasicProperties properties, byte[] body) {
        unsettled.incrementAndGet();
        arrived = envelope.getDeliveryTag();
        subscription.take(new AmqpDelivery(
                this,
                subscription.subjectOf(envelope),
                MessageCodec.message(properties, body, /* isReply= */ false),
                envelope,
                properties,
                replyTo(properties)));
    }

    /** An address of the consumer's own queue would have it answer its own answers. */
    private @Nullable String replyTo(BasicProperties properties) {
        String replyTo = properties.getReplyTo();
        if (replyTo == null || replyTo.isEmpty()) {
            return null;
        }
        if (replyTo.equals(queue)) {
            subscription.refusedAddress();
            return null;
        }
        return replyTo;
    }

    /** The broker ended this consumer: its queue was deleted, or the node that held it is gone. */
    @Override
    public void handleCancel(String consumerTag) {
        gone = true;
        subscription.cancelledByBroker(this);
    }

    @Override
    public void handleShutdownSignal(String consumerTag, ShutdownSignalException signal) {
        gone = true;
        subscription.channelClosed(this, signal);
    }

    // -- Out --

    void handle(AmqpDelivery delivery) {
        subscription.handle(delivery);
    }

    /** Replies. The callback settles, most often, before it does anything else: then both leave in one write. */
    void reply(AmqpDelivery to, OutboundMessage message, MessageCodec codec, SendCallback callback) {
        AntiphonException failure;
        lane.cork();
        try {
            failure = send(to, message, codec);
        } finally {
            lane.release();
        }
        try {
            if (failure == null) {
                callback.onSent();
            } else {
                callback.onFailed(failure);
            }
        } finally {
            lane.send();
        }
    }

    private @Nullable AntiphonException send(AmqpDelivery to, OutboundMessage message, MessageCodec codec) {
        if (gone) {
            return subscription.cannotReply(message.subject(), null);
        }
        AntiphonException refused = subscription.refusals().check(message, session, lane, /* held= */ true);
        if (refused != null) {
            return refused;
        }
        try {
            lane.publish(
                    "",
                    to.replyTo(),
                    false,
                    codec.answer(to, message),
                    message.message().sharedBytes());
            return null;
        } catch (IOException | AlreadyClosedException e) {
            return subscription.cannotReply(message.subject(), e);
        }
    }

    /**
     * Settles. What is given back while the subscription stops would only come here again until the broker knows: it is
     * given back when the channel closes.
     */
    void settle(AmqpDelivery delivery, Settlement settlement) {
        boolean later = settlement == Settlement.REQUEUE && subscription.isStopping();
        if (!gone && !later) {
            if (settlement == Settlement.ACCEPT) {
                acknowledge(delivery.tag());
            } else {
                reject(delivery.tag(), settlement == Settlement.REQUEUE);
            }
        }
        if (unsettled.decrementAndGet() == 0 && leaving) {
            finish();
        }
    }

    /** With the next write: what is dealt with until then is acknowledged together. */
    private void acknowledge(long tag) {
        if (acknowledgements.add(tag)) {
            lane.beforeWrite(this);
        }
        lane.send();
    }

    /** Called by whoever writes, before it takes what waits. */
    @Override
    public void run() {
        try {
            if (!gone) {
                acknowledgements.send(lane.channel::basicAck);
            }
        } catch (IOException | AlreadyClosedException e) {
            gone = true; // the broker delivers it again, where it can
        }
    }

    private void reject(long tag, boolean requeue) {
        try {
            lane.use(channel -> channel.basicReject(tag, requeue));
            acknowledgements.skip(tag);
        } catch (IOException | AlreadyClosedException e) {
            gone = true;
        }
    }

    private void finish() {
        run();
        subscription.finished(this);
    }

    /**
     * Whether the consumer can be cancelled and nothing is lost that was sent before this was first asked. The broker has no more
     * than a few hundred messages on the way to a channel, and leaves the others in the queue. Asks it, on the admin thread.
     */
    boolean canLeave() {
        if (!goesWithItsConsumers || !lane.isOpen()) {
            return true;
        }
        try {
            AMQP.Queue.DeclareOk state = lane.channel.queueDeclarePassive(queue);
            if (last == 0) {
                last = arrived + state.getMessageCount();
            }
            return state.getMessageCount() == 0 || state.getConsumerCount() > 1 || arrived >= last;
        } catch (IOException | AlreadyClosedException e) {
            return true; // it is gone, and so is what it had not handed over
        }
    }

    /** No more deliveries come. */
    void leave() {
        leaving = true;
        if (unsettled.get() == 0) {
            finish();
        }
    }
}
