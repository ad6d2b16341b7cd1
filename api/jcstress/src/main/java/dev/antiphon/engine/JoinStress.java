package dev.antiphon.engine;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;

/** A caller joins a call when its reply comes: it is woken up, or does not fall asleep. */
@JCStressTest(Mode.Termination)
@Outcome(id = "TERMINATED", expect = Expect.ACCEPTABLE, desc = "it returned")
@Outcome(id = "STALE", expect = Expect.FORBIDDEN, desc = "it sleeps for ever")
@State
public class JoinStress {

    private final PendingCall call = StressRequesters.request(StressRequesters.SHARED);

    /** The caller. */
    @Actor
    public void caller() {
        call.join();
    }

    /** The transport. */
    @Signal
    public void reply() {
        StressRequesters.SHARED.onReply(call.correlationId(), StressRequesters.REPLY);
    }
}
