package dev.antiphon.engine;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;

/** A request is made when the wheel passes its deadline already: the caller's thread was held up. The result is whether the call has ended, and how many entries, timers and permits are left. */
@JCStressTest
@Outcome(id = "true, 0", expect = Expect.ACCEPTABLE, desc = "it has ended and nothing is left")
@Outcome(expect = Expect.FORBIDDEN, desc = "it was missed")
@State
public class RequestTickStress {

    private final Requester requester = StressRequesters.create(16);
    private @Nullable PendingCall call;

    /** The caller. */
    @Actor
    public void caller() {
        call = StressRequesters.request(requester);
    }

    /** The ticker. */
    @Actor
    public void tick() {
        requester.tick(1_000_000_000);
    }

    /** What has become of the call. */
    @Arbiter
    public void judge(ZI_Result result) {
        result.r1 = Objects.requireNonNull(call).isDone();
        result.r2 = requester.tableEntries() + requester.timersArmed() + requester.inFlight();
    }
}
