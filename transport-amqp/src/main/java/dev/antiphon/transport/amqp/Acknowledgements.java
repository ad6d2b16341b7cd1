package dev.antiphon.transport.amqp;

import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The deliveries of one channel that were dealt with and are not acknowledged yet. One acknowledgement stands for all up to the first
 * delivery that is still being handled; those behind it get one each, so that a slow handler keeps nobody else's place.
 *
 * <p>Delivery tags count from 1. Any thread.
 */
final class Acknowledgements {

    /** Where acknowledgements go. */
    interface Sink {
        void acknowledge(long tag, boolean andAllBefore) throws IOException;
    }

    private static final int REBASE = 64 * 1024;

    /** Dealt with since the last time. */
    private long[] waiting = new long[16];

    private int count;

    /** Bit n is delivery {@code origin + n}: whether it was dealt with, by whatever means. */
    private BitSet done = new BitSet();

    private long origin = 1;
    /** Everything below was dealt with. */
    private long next = 1;

    /** A delivery is to be acknowledged. Returns whether it is the first that waits. */
    synchronized boolean add(long tag) {
        if (count == waiting.length) {
            waiting = Arrays.copyOf(waiting, 2 * count);
        }
        waiting[count] = tag;
        count++;
        dealtWith(tag);
        return count == 1;
    }

    /** A delivery was dealt with by other means. */
    synchronized void skip(long tag) {
        dealtWith(tag);
    }

    private void dealtWith(long tag) {
        done.set((int) (tag - origin));
        next = origin + done.nextClearBit((int) (next - origin));
        if (next - origin > REBASE) {
            done = done.get((int) (next - origin), Math.max((int) (next - origin), done.length()));
            origin = next;
        }
    }

    /** Acknowledges all that wait, with as few commands as can be. */
    synchronized void send(Sink sink) throws IOException {
        long last = 0;
        int before = 0;
        for (int i = 0; i < count; i++) {
            if (waiting[i] < next) {
                last = Math.max(last, waiting[i]);
                before++;
            }
        }
        int all = count;
        count = 0;
        if (before > 0) {
            // The broker takes only the tag of a delivery that is not acknowledged yet, so this must be one that waits.
            sink.acknowledge(last, before > 1);
        }
        for (int i = 0; i < all && before < all; i++) {
            if (waiting[i] >= next) {
                sink.acknowledge(waiting[i], false);
            }
        }
    }
}
