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
import org.openjdk.jcstress.infra.results.I_Result;

/** A call ends, and so disarms its timer, when it is just being armed. */
@JCStressTest
@Outcome(id = "0", expect = Expect.ACCEPTABLE, desc = "it is not armed")
@Outcome(id = "1", expect = Expect.FORBIDDEN, desc = "the wheel holds a call that has ended")
@State
public class TimerArmStress {

    private static final TimerWheel WHEEL = new TimerWheel(0);
    private static final AtomicLong DEADLINES = new AtomicLong();

    private final long deadline = DEADLINES.addAndGet(TimerWheel.TICK_NANOS);
    private final PendingCall call = new PendingCall(
            StressRequesters.SHARED, "subject", Message.empty(), deadline, deadline, DisconnectPolicy.FAIL);

    /** The caller. */
    @Actor
    public void arm() {
        WHEEL.arm(call);
    }

    /** Whoever ends the call, in the order of {@link PendingCall#end}. */
    @Actor
    public void end() {
        call.endUnregistered(Ending.CANCELLED, StressRequesters.closed());
        WHEEL.disarm(call);
    }

    /** Whether it is in the wheel. */
    @Arbiter
    public void judge(I_Result result) {
        result.r1 = call.timerArmed ? 1 : 0;
    }
}
