package dev.antiphon.spi;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls a transport's listener as {@link TransportListener} demands it: on one thread, one call at a time, in the order things
 * happened, none after CLOSED. Errors that come faster than the listener hears them are left out; states never are.
 *
 * <p>Any thread. Nothing waits, but for {@link #flush}.
 */
public final class TransportEvents {

    private static final int MAX_WAITING = 1024;

    private final Executor thread;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile @Nullable TransportListener listener;
    private volatile @Nullable Thread caller;

    /**
     * Events of one transport.
     *
     * @param thread runs one task after the other
     */
    public TransportEvents(Executor thread) {
        this.thread = thread;
    }

    /** Tells this listener from now on; before, nothing is told. */
    public void open(TransportListener newListener) {
        listener = newListener;
    }

    /** The connection has another state. */
    public void state(ConnectionState state, @Nullable AntiphonException cause) {
        post(to -> to.onState(state, cause));
    }

    /** Something went wrong. */
    public void error(AntiphonException error) {
        postUnlessFull(to -> to.onError(error));
    }

    /** A subscription loses messages because it does not keep up. */
    public void slowConsumer(String subject) {
        postUnlessFull(to -> to.onSlowConsumer(subject));
    }

    /** The replies of this channel go to another address from now on. */
    public void moved(ReplyChannel channel) {
        post(to -> to.onReplyChannelMoved(channel));
    }

    /** Waits until everything before was told. Not called by the listener. */
    public void flush() {
        CompletableFuture<Void> told = new CompletableFuture<>();
        try {
            thread.execute(() -> told.complete(null));
            told.join();
        } catch (RejectedExecutionException closing) {
            // nobody listens any more
        }
    }

    /** Tells CLOSED, and then nothing any more. */
    public void close(@Nullable AntiphonException cause) {
        boolean posted = post(to -> {
            listener = null;
            try {
                to.onState(ConnectionState.CLOSED, cause);
            } finally {
                closed.complete(null);
            }
        });
        if (!posted) {
            closed.complete(null);
        }
    }

    /** Completes when CLOSED was told, or can not be told because the thread takes no more tasks. */
    public CompletableFuture<Void> closed() {
        return closed;
    }

    /** Whether the listener calls, which can not wait for the next call to it. */
    public boolean isOwnThread() {
        return Thread.currentThread() == caller;
    }

    private void postUnlessFull(Consumer<TransportListener> call) {
        if (waiting.get() < MAX_WAITING) {
            post(call);
        }
    }

    /** False if the thread takes no more tasks. */
    private boolean post(Consumer<TransportListener> call) {
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
            return true;
        } catch (RejectedExecutionException shutDown) {
            waiting.decrementAndGet();
            return false;
        }
    }
}
