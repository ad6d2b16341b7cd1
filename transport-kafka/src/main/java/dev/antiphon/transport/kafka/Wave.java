package dev.antiphon.transport.kafka;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What was begun between two flushes, counted: so that a flush waits for what was sent before it, and not for what comes meanwhile. Any
 * thread.
 */
final class Wave {

    /** One for being the present one. */
    private final AtomicInteger open = new AtomicInteger(1);

    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private final CompletableFuture<Void> done;

    /** @param before completes when everything in the waves before has ended */
    Wave(CompletableFuture<Void> before) {
        done = before.thenCombine(over, (earlier, own) -> null);
    }

    /** One more; false if the wave is over: then there is another one. */
    boolean enter() {
        int count;
        do {
            count = open.get();
            if (count == 0) {
                return false;
            }
        } while (!open.compareAndSet(count, count + 1));
        return true;
    }

    /** One has ended, or the wave is not the present one any more. */
    void leave() {
        if (open.decrementAndGet() == 0) {
            over.complete(null);
        }
    }

    /** Completes when everything in it, and in those before, has ended. */
    CompletableFuture<Void> done() {
        return done;
    }
}
