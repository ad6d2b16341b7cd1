package dev.antiphon.engine;

import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** Two calls whose tombstones have the same slot end at the same time: one is remembered, and rightly. */
@JCStressTest
@Outcome(id = "TIMED_OUT, null", expect = Expect.ACCEPTABLE, desc = "the one was later")
@Outcome(id = "null, CANCELLED", expect = Expect.ACCEPTABLE, desc = "the other was later")
@Outcome(expect = Expect.FORBIDDEN, desc = "a mix of the two")
@State
public class TombstoneWritersStress {
    private static final long ONE = 3;
    private static final long OTHER = ONE + (1L << 32);
    private static final long NOW = 1L << 40;

    private final Tombstones tombstones = new Tombstones(16);

    /** One call ends. */
    @Actor
    public void one() {
        tombstones.record(ONE, Ending.TIMED_OUT, NOW);
    }

    /** Another call ends. */
    @Actor
    public void other() {
        tombstones.record(OTHER, Ending.CANCELLED, NOW);
    }

    /** What replies to both would find. */
    @Arbiter
    public void judge(LL_Result result) {
        result.r1 = ending(tombstones.find(ONE, NOW));
        result.r2 = ending(tombstones.find(OTHER, NOW));
    }

    private static String ending(Tombstones.@Nullable Tombstone tombstone) {
        return tombstone == null ? "null" : tombstone.ending().name();
    }
}
