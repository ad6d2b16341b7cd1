package dev.antiphon.transport.inmemory;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells when everybody who may still use something that was taken away has finished, at the price of two uncontended
 * atomic additions per use.
 *
 * <p>A user enters, looks up what to call, calls it and exits. Whoever takes a thing away first makes it impossible to
 * look it up, and then waits for a grace period: from its end on, nobody who found the thing is still calling it. This
 * is sleepable read-copy-update. Users count themselves in and out in stripes, so that publishers on different cores do
 * not share a cache line.
 *
 * <p>A stripe that was seen empty once after the removal holds nobody who came before it. Under steady traffic a stripe
 * may never be seen empty, so there are two halves: turning to the other half sends newcomers there, and the one left
 * behind empties. A user may have read the half just before the turn and count itself in only after it; it is covered
 * because both halves are waited for.
 */
final class GracePeriods {

    private static final int STRIPES = 16;
    private static final int STRIDE = 16;
    private static final int HALF = STRIPES * STRIDE;
    private static final int SPINS = 100;
    private static final long PAUSE_NANOS = 50_000;

    private final AtomicLongArray inside = new AtomicLongArray(2 * HALF + STRIDE);
    private final Object turning = new Object();
    private volatile int half;

    /** Counts the calling thread in. Returns a ticket for {@link #exit}. */
    int enter() {
        int ticket = half * HALF + stripe() * STRIDE;
        inside.getAndIncrement(ticket);
        return ticket;
    }

    /** Counts out who came in with this ticket. */
    void exit(int ticket) {
        inside.getAndDecrement(ticket);
    }

    /** Completes when everybody inside now has left. At once, on this thread, if nobody is inside. */
    CompletableFuture<Void> pass() {
        if (isEmpty(0) && isEmpty(1)) {
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.runAsync(this::awaitBothHalves, GracePeriods::startDaemon);
    }

    private void awaitBothHalves() {
        synchronized (turning) {
            for (int i = 0; i < 2; i++) {
                int left = half;
                half = 1 - left;
                awaitEmpty(left);
            }
        }
    }

    private void awaitEmpty(int which) {
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            for (int spins = 0; inside.get(which * HALF + stripe * STRIDE) != 0; spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    private boolean isEmpty(int which) {
        for (int stripe = 0; stripe < STRIPES; stripe++) {
            if (inside.get(which * HALF + stripe * STRIDE) != 0) {
                return false;
            }
        }
        return true;
    }

    private static int stripe() {
        long id = Thread.currentThread().getId() * 0x9E3779B97F4A7C15L;
        return (int) (id >>> 60);
    }

    private static void startDaemon(Runnable task) {
        Thread thread = new Thread(task, "antiphon-inmemory-stop");
        thread.setDaemon(true);
        thread.start();
    }
}
