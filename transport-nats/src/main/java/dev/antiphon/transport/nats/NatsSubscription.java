package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportSubscription;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A subscription of the engine. The reader makes a delivery of each frame and adds it to the subscription's queue.
 */
final class NatsSubscription extends SubscribedInlet implements TransportSubscription {

    /** What a waiting delivery takes besides its body, roughly. */
    private static final int OVERHEAD = 256;

    private final InboundHandler handler;
    private final DeliveryQueue queue;
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
        this.queue = link.newQueue(spec.subject());
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
        long size = frame.size() + (long) OVERHEAD;
        long waiting = pending.addAndGet(size);
        if (waiting > maxPending) {
            pending.addAndGet(-size);
            drop();
            return;
        }
        if (slow && waiting < maxPending / 2) {
            slow = false;
        }
        try {
            queue.add(delivery(frame));
        } catch (AntiphonException unreadable) {
            pending.addAndGet(-size);
            link.events().error(unreadable.about(frame.subject(), null));
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
        queue.end(callback);
    }
}
