package dev.antiphon.engine;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Timers of what is in between: accepting, stalling, signs of life, the next attempt. They have a wheel of their own, so
 * that the wheel of the calls has one timer for each call; it is made when the first one is set.
 *
 * <p>Actions run on the thread that ticks, so they only hand over, send, or end something.
 */
final class Alarms {

    private static final Logger log = LoggerFactory.getLogger(Alarms.class);

    private final LongSupplier clock;
    private final AtomicInteger pending = new AtomicInteger();
    private volatile Runnable wakeTicker = () -> {};
    private volatile @Nullable TimerWheel wheel;

    Alarms(LongSupplier clock) {
        this.clock = clock;
    }

    void open(Runnable newWakeTicker) {
        wakeTicker = newWakeTicker;
    }

    /** Runs an action after {@code nanos}, unless it is cancelled before. */
    Alarm set(long nanos, Runnable action) {
        Alarm alarm = new Alarm(clock.getAsLong() + Math.max(0, nanos), action);
        pending.incrementAndGet();
        wheel().arm(alarm);
        wakeTicker.run();
        return alarm;
    }

    private TimerWheel wheel() {
        TimerWheel present = wheel;
        if (present == null) {
            synchronized (this) {
                present = wheel;
                if (present == null) {
                    present = new TimerWheel(clock.getAsLong());
                    wheel = present;
                }
            }
        }
        return present;
    }

    long now() {
        return clock.getAsLong();
    }

    /** Moves the wheel. One thread at a time. Returns whether there are alarms. */
    boolean tick(long now) {
        TimerWheel present = wheel;
        if (present != null) {
            present.advance(now);
        }
        return pending.get() > 0;
    }

    /** How many alarms are set. */
    int pending() {
        return pending.get();
    }

    /** One action that waits for its time. */
    final class Alarm extends TimerNode {

        private final Runnable action;
        private final AtomicBoolean over = new AtomicBoolean();

        Alarm(long deadline, Runnable action) {
            super(deadline);
            this.action = action;
        }

        void cancel() {
            if (over.compareAndSet(false, true)) {
                pending.decrementAndGet();
                wheel().disarm(this);
            }
        }

        @Override
        boolean isEnded() {
            return over.get();
        }

        @Override
        void timeOut() {
            if (over.compareAndSet(false, true)) {
                pending.decrementAndGet();
                wheel().disarm(this);
                try {
                    action.run();
                } catch (RuntimeException defect) {
                    log.error("an alarm failed", defect);
                }
            }
        }
    }
}
