package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.spi.DeliveryQueue;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportSubscription;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A subscription of the engine. The reader makes a delivery of each frame. It hands it over itself where that is quick, and adds it to
 * the subscription's queue where user code runs.
 */
final class NatsSubscription extends SubscribedInlet implements TransportSubscription {

    /** What a waiting delivery takes besides its body, roughly. */
    private static final int OVERHEAD = 256;

    private final InboundHandler handler;
    /** Null when the reader hands over. */
    private final @Nullable DeliveryQueue queue;

    private final long maxPending;
    private final boolean filtered;
    private final AtomicLong pending = new AtomicLong();

    /** Used by the reader only: consecutive messages mostly have the same subject. */
    private byte[] lastSubjectBytes;

    private String lastSubject;
    private boolean slow;

    NatsSubscription(NatsLink link, SubscribeSpec spec, InboundHandler handler, long maxPending) {
        super(link, spec.subject(), spec.group());
        this.handler = handler;
        this.queue = spec.runsUserCode() ? link.newQueue(spec.subject()) : null;
        this.maxPending = maxPending;
        this.filtered = Subjects.beginsWithWildcard(spec.subject());
        this.lastSubject = spec.subject();
        this.lastSubjectBytes = spec.subject().getBytes(UTF_8);
    }

    @Override
    public void receive(Frame frame) {
        if (filtered && link.subjects().isInternal(frame)) {
            return;
        }
        try {
            if (queue == null) {
                handler.onMessage(delivery(frame));
            } else {
                enqueue(queue, frame);
            }
        } catch (AntiphonException unreadable) {
            link.events().error(unreadable.about(frame.subject(), null));
        }
    }

    private void enqueue(DeliveryQueue to, Frame frame) {
        long size = frame.size() + (long) OVERHEAD;
        if (pending.get() + size > maxPending) {
            drop();
            return;
        }
        NatsDelivery delivery = delivery(frame);
        long waiting = pending.addAndGet(size);
        to.add(delivery);
        if (slow && waiting < maxPending / 2) {
            slow = false;
        }
    }

    private NatsDelivery delivery(Frame frame) {
        HeaderBlock headers = frame.headers();
        Message message = Message.wrap(frame.body(), headers.headers(), headers.contentType());
        String name = subjectOf(frame);
        return new NatsDelivery(this, name, message, replyTo(frame, name), frame.size());
    }

    private String subjectOf(Frame frame) {
        if (!frame.subjectIs(lastSubjectBytes)) {
            lastSubject = frame.subject();
            lastSubjectBytes = frame.subjectBytes();
        }
        return lastSubject;
    }

    private byte @Nullable [] replyTo(Frame frame, String name) {
        byte[] address = frame.replyTo();
        if (address == null) {
            return null;
        }
        AntiphonException hostile = link.subjects().refuse(address, name);
        if (hostile != null) {
            link.events().error(hostile);
        }
        return hostile == null && !Subjects.isAcknowledgement(address) ? address : null;
    }

    private void drop() {
        if (!slow) {
            slow = true;
            link.events().slowConsumer(subject);
        }
    }

    /** Hands a delivery over, on the queue's thread. */
    void handle(NatsDelivery delivery) {
        pending.addAndGet(-(long) OVERHEAD - delivery.size());
        handler.onMessage(delivery);
    }

    @Override
    public CompletionStage<Void> stop() {
        return link.outside(leave());
    }

    @Override
    void whenDrained(Runnable callback) {
        if (queue == null) {
            callback.run(); // nothing waits anywhere
        } else {
            queue.end(callback);
        }
    }
}
