package dev.antiphon.engine;

import dev.antiphon.DisconnectPolicy;
import dev.antiphon.Message;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

/** A call leaves its slot, and another takes it, while replies to both are looked up. */
@JCStressTest
@Outcome(id = "older, none", expect = Expect.ACCEPTABLE, desc = "before")
@Outcome(id = "none, none", expect = Expect.ACCEPTABLE, desc = "between")
@Outcome(id = "none, newer", expect = Expect.ACCEPTABLE, desc = "after")
@Outcome(id = "older, newer", expect = Expect.ACCEPTABLE, desc = "the look-ups stand around it")
@Outcome(expect = Expect.FORBIDDEN, desc = "a look-up found another call")
@State
public class CallTableStress {
    private static final long OLDER_ID = 7;
    private static final long NEWER_ID = OLDER_ID + (1L << 32);

    private final CallTable table = new CallTable(16);
    private final PendingCall older = call();
    private final PendingCall newer = call();

    /** With the older one in place. */
    public CallTableStress() {
        table.insert(older, () -> OLDER_ID);
    }

    private static PendingCall call() {
        return new PendingCall(StressRequesters.SHARED, "subject", Message.empty(), 0, 0, DisconnectPolicy.FAIL);
    }

    /** The older call ends and the newer one is made. */
    @Actor
    public void replace() {
        table.remove(older);
        table.insert(newer, () -> NEWER_ID);
    }

    /** Replies come. */
    @Actor
    public void find(LL_Result result) {
        result.r1 = name(table.find(OLDER_ID), older, "older", OLDER_ID);
        result.r2 = name(table.find(NEWER_ID), newer, "newer", NEWER_ID);
    }

    private static String name(@Nullable PendingCall found, PendingCall expected, String name, long id) {
        if (found == null) {
            return "none";
        }
        return found == expected && found.correlationId() == id ? name : "wrong";
    }
}
