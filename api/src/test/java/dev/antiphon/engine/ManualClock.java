package dev.antiphon.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A clock that stands still until the test moves it. It begins shortly before its numbers overflow, as
 * {@link System#nanoTime()} may, so that every deadline lies beyond the overflow.
 */
final class ManualClock implements LongSupplier {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000);

    @Override
    public long getAsLong() {
        return now.get();
    }

    /** Moves on and returns the new time. */
    long advance(Duration by) {
        return now.addAndGet(by.toNanos());
    }
}
