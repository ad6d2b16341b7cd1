package dev.antiphon.engine;

import dev.antiphon.DisconnectPolicy;
import dev.antiphon.Message;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Two calls are entered whose first ids have the same slot. */
@JCStressTest
@Outcome(id = "true, true, 2", expect = Expect.ACCEPTABLE, desc = "each has a slot")
@Outcome(expect = Expect.FORBIDDEN, desc = "one has lost its slot")
@State
public class CallTableInsertStress {
    private static final int SLOTS = 64;

    private final CallTable table = new CallTable(16);
    private final AtomicLong ids = new AtomicLong(5);
    private final PendingCall one = call();
    private final PendingCall other = call();

    private static PendingCall call() {
        return new PendingCall(StressRequesters.SHARED, "subject", Message.empty(), 0, 0, DisconnectPolicy.FAIL);
    }

    /** Twice the same slot, then the next one. */
    private long nextId() {
        long n = ids.getAndIncrement();
        return n == 6 ? 5 + SLOTS : n;
    }

    /** One caller. */
    @Actor
    public void one() {
        table.insert(one, this::nextId);
    }

    /** Another caller. */
    @Actor
    public void other() {
        table.insert(other, this::nextId);
    }

    /** Who can be found. */
    @Arbiter
    public void judge(ZZI_Result result) {
        result.r1 = table.find(one.correlationId()) == one;
        result.r2 = table.find(other.correlationId()) == other;
        result.r3 = table.size();
    }
}
