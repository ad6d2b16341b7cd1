package dev.antiphon.engine;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands values to a user's consumer one at a time and in order, on an executor. What finds the queue full is dropped. */
final class Feed<T> implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(Feed.class);
    private static final int LIMIT = 256;

    private final Consumer<? super T> consumer;
    private final @Nullable Executor executor;
    private final ConcurrentLinkedQueue<T> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private volatile boolean ended;

    /**
     * @param executor null for the thread that offers
     */
    Feed(Consumer<? super T> consumer, @Nullable Executor executor) {
        this.consumer = consumer;
        this.executor = executor;
    }

    /** False if it was dropped. */
    boolean offer(T value) {
        if (ended || queued.get() >= LIMIT) {
            return false;
        }
        queue.add(value);
        if (queued.getAndIncrement() == 0) {
            if (executor == null) {
                run();
            } else {
                executor.execute(this);
            }
        }
        return true;
    }

    /** Nothing that has not been handed over yet will be. */
    void end() {
        ended = true;
    }

    @Override
    public void run() {
        do {
            T value = queue.poll();
            if (value != null && !ended) {
                hand(value);
            }
        } while (queued.decrementAndGet() > 0);
    }

    private void hand(T value) {
        try {
            consumer.accept(value);
        } catch (Throwable failure) {
            log.warn("a consumer of progress threw", failure);
        }
    }
}
