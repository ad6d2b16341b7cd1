package dev.antiphon.engine;

import org.jspecify.annotations.Nullable;

/**
 * The timers of calls: a hashed timing wheel (Varghese and Lauck, 1987) whose nodes are the calls themselves.
 *
 * <p>Arming and disarming link and unlink a node of a doubly linked list under the lock of one of {@value #BUCKETS}
 * buckets: O(1), no allocation, and no lock that all callers share. A call's bucket follows from its deadline, so that
 * disarming needs no search and no back reference. A bucket is visited once a revolution ({@value #BUCKETS} ticks of
 * 2 ms, about 8 s); calls due in a later revolution are passed over.
 *
 * <p>Arming races with the end of the call. Both take the bucket's lock: {@link #arm} links only a call that has not
 * ended, and a call ends before it is disarmed; so whichever comes first, no ended call stays linked.
 *
 * <p>Arming also races with the wheel: a thread that was held up may link a call into a bucket that was visited already.
 * {@link #advance} moves {@code lastTick} before it visits, so {@code arm} sees that, and ends the call itself.
 */
final class TimerWheel {

    static final long TICK_NANOS = 2_000_000;
    static final int BUCKETS = 4096;

    private static final class Bucket {
        @Nullable
        TimerNode head;

        int size;
    }

    private final Bucket[] buckets = new Bucket[BUCKETS];
    private final long origin;
    private volatile long lastTick;

    /** A wheel that stands at {@code now}. */
    TimerWheel(long now) {
        origin = now;
        for (int i = 0; i < BUCKETS; i++) {
            buckets[i] = new Bucket();
        }
    }

    /** Arms the timer of a call, unless it has ended. */
    void arm(TimerNode call) {
        long tick = tickOf(call);
        Bucket bucket = bucketAt(tick);
        synchronized (bucket) {
            if (!call.isEnded()) {
                TimerNode head = bucket.head;
                call.timerNext = head;
                if (head != null) {
                    head.timerPrevious = call;
                }
                bucket.head = call;
                call.timerArmed = true;
                bucket.size++;
            }
        }
        if (tick <= lastTick) {
            call.timeOut();
        }
    }

    /** Disarms the timer of a call, if it is armed. */
    void disarm(TimerNode call) {
        Bucket bucket = bucketAt(tickOf(call));
        synchronized (bucket) {
            unlink(bucket, call);
        }
    }

    /**
     * Moves the wheel to {@code now} and times out every call whose deadline has passed. One thread at a time; calls end
     * outside of the locks.
     */
    void advance(long now) {
        long tick = Math.floorDiv(now - origin, TICK_NANOS);
        long first = Math.max(lastTick + 1, tick - BUCKETS + 1);
        lastTick = Math.max(lastTick, tick);
        for (long t = first; t <= tick; t++) {
            TimerNode due = takeDue(bucketAt(t), now);
            while (due != null) {
                TimerNode next = due.timerNext;
                due.timerNext = null;
                due.timeOut();
                due = next;
            }
        }
    }

    /** How many timers are armed, by counting. */
    int size() {
        int sum = 0;
        for (Bucket bucket : buckets) {
            synchronized (bucket) {
                sum += bucket.size;
            }
        }
        return sum;
    }

    /** Unlinks what is due and returns it as a chain over {@code timerNext}. */
    private static @Nullable TimerNode takeDue(Bucket bucket, long now) {
        TimerNode due = null;
        synchronized (bucket) {
            TimerNode call = bucket.head;
            while (call != null) {
                TimerNode next = call.timerNext;
                if (call.deadline() - now <= 0) {
                    unlink(bucket, call);
                    call.timerNext = due;
                    due = call;
                }
                call = next;
            }
        }
        return due;
    }

    private static void unlink(Bucket bucket, TimerNode call) {
        if (!call.timerArmed) {
            return;
        }
        TimerNode next = call.timerNext;
        TimerNode previous = call.timerPrevious;
        if (previous == null) {
            bucket.head = next;
        } else {
            previous.timerNext = next;
        }
        if (next != null) {
            next.timerPrevious = previous;
        }
        call.timerNext = null;
        call.timerPrevious = null;
        call.timerArmed = false;
        bucket.size--;
    }

    /** The first tick that is not before the deadline. */
    private long tickOf(TimerNode call) {
        return Math.floorDiv(call.deadline() - origin + TICK_NANOS - 1, TICK_NANOS);
    }

    private Bucket bucketAt(long tick) {
        return buckets[(int) (tick & (BUCKETS - 1))];
    }
}
