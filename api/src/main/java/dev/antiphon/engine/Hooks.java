package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.MessengerListener;
import dev.antiphon.SurplusReply;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the user's listener: one call at a time, in order, on an executor. At most {@value #LIMIT} calls wait; beyond
 * that surplus replies, errors and slow consumers are not reported, since a listener that slow is of no use, and the
 * counters still have them. Changes of the connection's state are always reported.
 */
final class Hooks implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Hooks.class);
    private static final int LIMIT = 1024;

    private final MessengerListener listener;
    private final Executor executor;
    private final ConcurrentLinkedQueue<Consumer<MessengerListener>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    Hooks(MessengerListener listener, Executor executor) {
        this.listener = listener;
        this.executor = executor;
    }

    void connectionState(ConnectionState state, @Nullable AntiphonException cause) {
        call(Integer.MAX_VALUE, hooks -> hooks.onConnectionState(state, cause));
    }

    void surplusReply(SurplusReply reply) {
        log.debug("surplus reply: {} {}", reply.kind(), reply.requestId());
        call(LIMIT, hooks -> hooks.onSurplusReply(reply));
    }

    void error(AntiphonException error) {
        log.debug("error without a caller", error);
        call(LIMIT, hooks -> hooks.onError(error));
    }

    void slowConsumer(String subject) {
        log.warn("slow consumer on {}: its queue is full", subject);
        call(LIMIT, hooks -> hooks.onSlowConsumer(subject));
    }

    private void call(int limit, Consumer<MessengerListener> hook) {
        if (count.get() >= limit) {
            return;
        }
        waiting.add(hook);
        if (count.getAndIncrement() == 0) {
            executor.execute(this);
        }
    }

    /** Calls what is waiting. */
    @Override
    public void run() {
        do {
            Consumer<MessengerListener> hook = waiting.poll();
            if (hook != null) {
                callNow(hook);
            }
        } while (count.decrementAndGet() > 0);
    }

    private void callNow(Consumer<MessengerListener> hook) {
        try {
            hook.accept(listener);
        } catch (Throwable failure) {
            log.warn("a MessengerListener threw", failure);
        }
    }
}
