package dev.antiphon.engine;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * The one thread of a messenger that looks at the clock: it moves the timers and watches the pools every
 * {@link TimerWheel#TICK_NANOS}. When nothing has been going on for a second it sleeps, until somebody who begins
 * something calls {@link #wake}.
 */
final class Ticker implements Runnable {

    /** Something that needs the time. */
    interface Ticked {
        /**
         * The time is {@code now}.
         *
         * @return whether something is going on that needs further ticks
         */
        boolean tick(long now);
    }

    private static final int IDLE_TICKS = 500;

    private final LongSupplier clock;
    private final Ticked ticked;
    private final Thread thread;
    private volatile boolean asleep;
    private volatile boolean stopped;

    Ticker(String name, LongSupplier clock, Ticked ticked) {
        this.clock = clock;
        this.ticked = ticked;
        thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Makes sure that it ticks. To be called after what needs the ticks can be seen by {@link Ticked#tick}. */
    void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        }
    }

    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        int idle = 0;
        while (!stopped) {
            idle = ticked.tick(clock.getAsLong()) ? 0 : idle + 1;
            if (idle < IDLE_TICKS) {
                LockSupport.parkNanos(this, TimerWheel.TICK_NANOS);
            } else {
                sleep();
                idle = 0;
            }
        }
    }

    private void sleep() {
        asleep = true;
        // Who began something before this saw no sleeper, but is seen here.
        if (ticked.tick(clock.getAsLong())) {
            asleep = false;
        }
        while (asleep && !stopped) {
            LockSupport.park(this);
        }
    }
}
