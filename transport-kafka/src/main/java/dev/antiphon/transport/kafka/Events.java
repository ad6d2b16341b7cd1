package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.TransportListener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls the listener on one thread: one call at a time, in the order things happened, none after CLOSED. Errors that come
 * faster than the listener hears them are left out; states never are.
 */
final class Events {

    private static final int MAX_WAITING = 1024;

    private final Executor thread;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile @Nullable TransportListener listener;
    private volatile @Nullable Thread caller;

    /** The executor runs one task after the other. */
    Events(Executor thread) {
        this.thread = thread;
    }

    void open(TransportListener newListener) {
        listener = newListener;
    }

    void state(ConnectionState state, @Nullable AntiphonException cause) {
        post(to -> to.onState(state, cause));
    }

    void error(AntiphonException error) {
        if (waiting.get() < MAX_WAITING) {
            post(to -> to.onError(error));
        }
    }

    void slowConsumer(String subject) {
        if (waiting.get() < MAX_WAITING) {
            post(to -> to.onSlowConsumer(subject));
        }
    }

    void moved(ReplyChannel channel) {
        post(to -> to.onReplyChannelMoved(channel));
    }

    /** Tells CLOSED, and then nothing any more. */
    void close(@Nullable AntiphonException cause) {
        if (listener == null) {
            closed.complete(null);
        }
        post(to -> {
            listener = null;
            try {
                to.onState(ConnectionState.CLOSED, cause);
            } finally {
                closed.complete(null);
            }
        });
    }

    /** Completes when CLOSED was told. */
    CompletableFuture<Void> closed() {
        return closed;
    }

    /** Whether the listener calls, which can not wait for the next call to it. */
    boolean isOwnThread() {
        return Thread.currentThread() == caller;
    }

    private void post(Consumer<TransportListener> call) {
        waiting.incrementAndGet();
        try {
            thread.execute(() -> {
                waiting.decrementAndGet();
                caller = Thread.currentThread();
                TransportListener to = listener;
                if (to != null) {
                    call.accept(to);
                }
            });
        } catch (RejectedExecutionException closed) {
            waiting.decrementAndGet();
        }
    }
}
