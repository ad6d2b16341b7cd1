package dev.antiphon.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A tombstone is read while a newer call takes its slot: it is seen whole or not at all. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "it is gone")
@Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "it is still there")
@Outcome(expect = Expect.FORBIDDEN, desc = "it has something of the newer one")
@State
public class TombstonesStress {
    private static final int SLOTS = 16;
    private static final long OLDER = 1;
    private static final long NEWER = OLDER + (1L << 32);
    /** What times are rounded to. */
    private static final long UNIT = 1L << 20;

    private static final long OLDER_END = 8 * UNIT;
    private static final long NEWER_END = 16 * UNIT;
    private static final long NOW = 20 * UNIT;

    private final Tombstones tombstones = new Tombstones(SLOTS);

    /** With the older one in place. */
    public TombstonesStress() {
        tombstones.record(OLDER, Ending.TIMED_OUT, OLDER_END);
    }

    /** The newer call ends. */
    @Actor
    public void writer() {
        tombstones.record(NEWER, Ending.CANCELLED, NEWER_END);
    }

    /** A reply to the older one comes. */
    @Actor
    public void reader(I_Result result) {
        Tombstones.Tombstone found = tombstones.find(OLDER, NOW);
        if (found == null) {
            result.r1 = 0;
        } else {
            result.r1 = found.ending() == Ending.TIMED_OUT && found.ago() == NOW - OLDER_END ? 1 : 2;
        }
    }
}
