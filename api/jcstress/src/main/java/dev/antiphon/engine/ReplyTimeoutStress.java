package dev.antiphon.engine;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LII_Result;

/** A reply comes when the deadline passes. The result is the ending, how often dependents ran, and the timers left. */
@JCStressTest
@Outcome(id = "REPLIED, 1, 0", expect = Expect.ACCEPTABLE, desc = "the reply won")
@Outcome(id = "TIMED_OUT, 1, 0", expect = Expect.ACCEPTABLE, desc = "the timer won")
@Outcome(expect = Expect.FORBIDDEN, desc = "both, neither, or something is left")
@State
public class ReplyTimeoutStress {

    private final PendingCall call = StressRequesters.request(StressRequesters.SHARED);
    private final AtomicInteger completions = new AtomicInteger();

    /** With a call in flight that somebody depends on. */
    public ReplyTimeoutStress() {
        call.whenComplete((reply, failure) -> completions.incrementAndGet());
    }

    /** The transport. */
    @Actor
    public void reply() {
        StressRequesters.SHARED.onReply(call.correlationId(), StressRequesters.REPLY);
    }

    /** The ticker. */
    @Actor
    public void timer() {
        call.timeOut();
    }

    /** What has become of the call. */
    @Arbiter
    public void judge(LII_Result result) {
        result.r1 = call.ending();
        result.r2 = completions.get();
        result.r3 = call.timerArmed ? 1 : 0;
    }
}
