package dev.antiphon.benchmarks.load;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of slots, each with one request in flight at all times. The slots share a flag they read and nothing
 * they write, so that the loop itself does not become the limit.
 */
final class ClosedLoop implements Loop {

    private final Latencies latencies = new Latencies();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Duration answerLimit;
    private final CountDownLatch running;
    private final Slot[] slots;
    private volatile Phase phase = Phase.WARM_UP;

    ClosedLoop(Requester requester, Cell cell, Duration answerLimit) {
        this.answerLimit = answerLimit;
        running = new CountDownLatch(cell.inFlight());
        slots = new Slot[cell.inFlight()];
        byte[] body = new byte[cell.size()];
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot(this, latencies.collector(i), requester, body);
        }
        requester.begin(() -> {
            for (Slot slot : slots) {
                slot.begin();
            }
        });
    }

    Phase phase() {
        return phase;
    }

    void ended() {
        running.countDown();
    }

    void failed(Throwable cause) {
        failure.compareAndSet(null, cause);
    }

    @Override
    public void enter(Phase next) {
        phase = next;
    }

    @Override
    public Latencies finish() throws InterruptedException {
        if (!running.await(answerLimit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new LoadFailure(running.getCount() + " requests were never answered", failure.get());
        }
        Throwable cause = failure.get();
        if (cause != null) {
            throw new LoadFailure("a request failed: " + cause, cause);
        }
        return latencies;
    }
}
