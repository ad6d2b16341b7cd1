package dev.antiphon.transport.kafka;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Whether a messenger that is not heard of is gone, or can not be heard. Where at least one messenger speaks in every interval, a longer
 * silence of all of them means that nothing can be heard: the brokers hang, or the one that leads the topic has gone. Then nobody is given
 * up, and for a while after: others may find their way back later. Times are those of {@link System#nanoTime}; any thread.
 */
final class Patience {

    /** Fetches are answered at least every half second. */
    private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

    /** So long others may take to find another broker, or this one when it is back. */
    private static final long LOSS_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final long interval;
    private final long afterSilence;
    private long lastHeard;
    private long until;

    /**
     * @param interval how often those speak who serve something
     * @param afterSilence for how long nobody is given up once something is heard again
     */
    Patience(Duration interval, Duration afterSilence, long now) {
        this.interval = interval.toNanos();
        this.afterSilence = afterSilence.toNanos();
        lastHeard = now;
        until = now;
    }

    /** Something was heard, from whomever. */
    synchronized void heard(long now) {
        if (isSilent(now)) {
            extend(now + afterSilence);
        }
        lastHeard = now;
    }

    /** There is a connection; it is silent until something is heard. */
    synchronized void connected(long now) {
        lastHeard = now;
    }

    /** A broker was lost; others may have lost it, too. */
    synchronized void brokerLost(long now) {
        extend(now + LOSS_NANOS);
    }

    /** Whether it is time to say something, in order to know whether anything can be heard. */
    synchronized boolean isQuiet(long now) {
        return now - lastHeard > interval + interval / 4;
    }

    /**
     * Whether those who are late are gone.
     *
     * @param unansweredNanos how long the brokers have not answered at all
     */
    synchronized boolean isOver(long now, long unansweredNanos) {
        if (unansweredNanos > STALL_NANOS || isSilent(now)) {
            extend(now + afterSilence);
        }
        return now - until >= 0;
    }

    /**
     * Of one that is believed in for three intervals, the second word of three may be missed: then nothing is heard for two intervals at
     * least. So this has to be less, and more than what it takes to break the quiet.
     */
    private boolean isSilent(long now) {
        return now - lastHeard > interval + interval * 3 / 4;
    }

    private void extend(long end) {
        if (end - until > 0) {
            until = end;
        }
    }
}
