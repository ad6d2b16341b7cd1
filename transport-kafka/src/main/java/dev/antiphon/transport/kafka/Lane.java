package dev.antiphon.transport.kafka;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the native producer has of one partition, and whether the partition takes it. Any thread. */
final class Lane {

    /** Longer than an acknowledgement takes, and shorter than a requester waits. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final AtomicInteger held = new AtomicInteger();
    private volatile long movedAt;

    /** The producer has one more. */
    void entered() {
        if (held.get() == 0) {
            movedAt = System.nanoTime();
        }
        held.incrementAndGet();
    }

    /** It is rid of one, whatever became of it. */
    void left() {
        movedAt = System.nanoTime();
        held.decrementAndGet();
    }

    /** Whether the producer has some, and has not got rid of any for a while. */
    boolean isStuck() {
        return held.get() > 0 && System.nanoTime() - movedAt > PATIENCE_NANOS;
    }
}
