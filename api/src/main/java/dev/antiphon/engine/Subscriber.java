package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Delivery;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.MessageHandler;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.spi.InboundMessage;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Delivers the messages of one subscription, one at a time and in order, on the handler executor. While there are
 * messages one task drains the queue; it steps back after {@value #BATCH} messages, so that others have their turn.
 */
final class Subscriber extends Registration implements Runnable {

    private static final int BATCH = 256;

    private final MessageHandler handler;
    private final boolean sameThread;
    private final ConcurrentLinkedQueue<InboundMessage> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();

    Subscriber(Responders owner, String subject, MessageHandler handler, SubscribeOptions options) {
        super(owner, subject, options.queueGroup().orElse(null), options.queueLimit(), options.onOverload());
        this.handler = handler;
        this.sameThread = options.sameThread();
    }

    @Override
    void count() {
        owner.counters().delivered.increment();
    }

    @Override
    void accept(InboundMessage inbound) {
        if (sameThread) {
            deliver(inbound);
            return;
        }
        queue.add(inbound);
        if (queued.getAndIncrement() == 0) {
            schedule();
        }
    }

    private void schedule() {
        try {
            owner.handlerExecutor().execute(this);
        } catch (RejectedExecutionException e) {
            owner.fallbackExecutor().execute(this);
        }
    }

    @Override
    public void run() {
        for (int i = 0; i < BATCH; i++) {
            InboundMessage inbound = queue.poll();
            if (inbound != null) {
                deliver(inbound);
            }
            if (queued.decrementAndGet() == 0) {
                return;
            }
        }
        schedule();
    }

    private void deliver(InboundMessage inbound) {
        if (isClosed()) {
            refuse(inbound, ErrorCode.CLOSED, "the subscription is closed");
            return;
        }
        try {
            handler.handle(new Delivered(inbound));
        } catch (Throwable failure) {
            owner.hooks()
                    .error(new AntiphonException(
                            ErrorCode.INTERNAL,
                            "a subscriber's handler threw",
                            failure,
                            true,
                            inbound.subject(),
                            null));
        }
        inbound.settle(InboundMessage.Settlement.ACCEPT);
        finished();
    }

    @Override
    void refuse(InboundMessage inbound, ErrorCode code, String why) {
        owner.counters().dropped.increment();
        // Who leaves gives back what was not handled; who is too slow would only get it again.
        inbound.settle(
                code == ErrorCode.CLOSED || code == ErrorCode.UNAVAILABLE
                        ? InboundMessage.Settlement.REQUEUE
                        : InboundMessage.Settlement.REJECT);
        finished();
    }

    @Override
    void discardQueued() {
        // The draining task finds the subscription closed and refuses what is left.
    }

    /** A message as the user sees it. */
    private record Delivered(InboundMessage inbound, Message message) implements Delivery {

        Delivered(InboundMessage inbound) {
            this(inbound, ControlCodec.withoutControlHeaders(inbound.message()));
        }

        @Override
        public String subject() {
            return inbound.subject();
        }

        @Override
        public <T> Optional<T> unwrap(Class<T> nativeType) {
            return inbound.unwrap(nativeType);
        }
    }
}
