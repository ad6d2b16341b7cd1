package dev.antiphon.engine;

import org.jspecify.annotations.Nullable;

/** Something with a deadline, as the {@link TimerWheel} links it. The links are guarded by the lock of its bucket. */
abstract class TimerNode {

    private final long deadline;

    @Nullable
    TimerNode timerNext;

    @Nullable
    TimerNode timerPrevious;

    boolean timerArmed;

    TimerNode(long deadline) {
        this.deadline = deadline;
    }

    /** When it is due, on the clock of the wheel. */
    final long deadline() {
        return deadline;
    }

    /** Whether the deadline has no meaning any more. */
    abstract boolean isEnded();

    /** The deadline has passed. */
    abstract void timeOut();
}
