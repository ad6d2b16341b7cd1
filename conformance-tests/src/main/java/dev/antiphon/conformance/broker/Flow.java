package dev.antiphon.conformance.broker;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/** The faults of one direction of a {@link TcpProxy}: set by any thread, obeyed by the pumps of all its links. */
final class Flow {
    private boolean stalled;
    private boolean blackHoled;
    private Duration delay = Duration.ZERO;
    private int maxChunk = Integer.MAX_VALUE;
    private long untilCut = -1;
    private Cut cut = Cut.RESET;
    private long passed;
    private long swallowed;

    synchronized void stall() {
        stalled = true;
    }

    synchronized void blackHole() {
        blackHoled = true;
    }

    synchronized void delay(Duration time) {
        delay = time;
    }

    synchronized void limitChunks(int bytes) {
        maxChunk = bytes;
    }

    synchronized void cutAfter(long bytes, Cut how) {
        untilCut = bytes;
        cut = how;
    }

    synchronized void heal() {
        stalled = false;
        blackHoled = false;
        delay = Duration.ZERO;
        maxChunk = Integer.MAX_VALUE;
        untilCut = -1;
        notifyAll();
    }

    /** Makes the waiting pumps look again whether their link has ended. */
    synchronized void wake() {
        notifyAll();
    }

    synchronized long delayNanos() {
        return delay.toNanos();
    }

    synchronized int maxChunk() {
        return maxChunk;
    }

    synchronized Cut cut() {
        return cut;
    }

    /** Counts bytes that are about to pass; if the cut falls among them, how many of them still pass. */
    synchronized OptionalInt cutWithin(int bytes) {
        if (untilCut < 0) {
            return OptionalInt.empty();
        }
        if (bytes < untilCut) {
            untilCut -= bytes;
            return OptionalInt.empty();
        }
        int passing = (int) untilCut;
        untilCut = -1;
        return OptionalInt.of(passing);
    }

    synchronized void countPassed(int bytes) {
        passed += bytes;
    }

    synchronized long passed() {
        return passed;
    }

    synchronized long swallowed() {
        return swallowed;
    }

    /** Whether these bytes fall into the black hole; counts them if so. */
    synchronized boolean swallows(int bytes) {
        if (blackHoled) {
            swallowed += bytes;
        }
        return blackHoled;
    }

    /** Waits while bytes are held back. */
    synchronized void awaitMoving(BooleanSupplier ended) throws InterruptedException {
        while (stalled && !ended.getAsBoolean()) {
            wait();
        }
    }

    /** Waits while a FIN would not get through. */
    synchronized void awaitOpen(BooleanSupplier ended) throws InterruptedException {
        while ((stalled || blackHoled) && !ended.getAsBoolean()) {
            wait();
        }
    }
}
