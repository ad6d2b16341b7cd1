package dev.antiphon.engine;

import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Remembers how the latest calls ended, so that a surplus reply can be told to be late or a duplicate. Bounded: a newer
 * call overwrites an older one in the same slot. Lock-free.
 *
 * <p>A tombstone is one word, so that a reader never meets half of one: 32 bits of the id (besides those that made the
 * slot), 29 bits of the time of the end in units of 2^20 nanoseconds (about a millisecond; they come round after six days,
 * and pass over an overflow of the clock), 3 bits of the ending. The word 0 is no tombstone.
 */
final class Tombstones {

    /**
     * What is remembered of a call.
     *
     * @param ago how long ago it ended, in nanoseconds, to within a millisecond
     */
    record Tombstone(Ending ending, long ago) {}

    private static final int UNIT_BITS = 20;
    private static final int TIME_BITS = 29;
    private static final int ENDING_BITS = 3;
    private static final long TIME_MASK = (1L << TIME_BITS) - 1;
    private static final long ENDING_MASK = (1L << ENDING_BITS) - 1;

    private final AtomicLongArray words;
    private final int mask;

    /** At least this many tombstones, if the ids are spread evenly. */
    Tombstones(int capacity) {
        int size = Integer.highestOneBit(Math.max(16, capacity) * 2 - 1);
        words = new AtomicLongArray(size);
        mask = size - 1;
    }

    /** Remembers how a call ended; {@code now} is the time in nanoseconds. */
    void record(long id, Ending ending, long now) {
        long word = tag(id) | (units(now) << ENDING_BITS) | (ending.code() + 1);
        words.setRelease((int) id & mask, word);
    }

    /** The tombstone of a call, or null when it is not remembered. */
    @Nullable
    Tombstone find(long id, long now) {
        long word = words.getAcquire((int) id & mask);
        if (word == 0 || (word & ~0xffff_ffffL) != tag(id)) {
            return null;
        }
        long ago = (units(now) - (word >>> ENDING_BITS)) & TIME_MASK;
        return new Tombstone(Ending.at((int) (word & ENDING_MASK) - 1), ago << UNIT_BITS);
    }

    /** The upper half of the id, in the upper half of a word. */
    private static long tag(long id) {
        return id & ~0xffff_ffffL;
    }

    private static long units(long nanos) {
        return (nanos >>> UNIT_BITS) & TIME_MASK;
    }
}
