package dev.antiphon.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** Somebody depends on a call, as the first one, when it ends. The result is how often the two dependents ran. */
@JCStressTest
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "each ran once")
@Outcome(expect = Expect.FORBIDDEN, desc = "one never ran, or twice")
@State
public class DependentStress {

    private final PendingCall call = StressRequesters.request(StressRequesters.SHARED);
    private final AtomicInteger first = new AtomicInteger();
    private final AtomicInteger second = new AtomicInteger();

    /** The caller. */
    @Actor
    public void caller() {
        call.whenComplete((reply, failure) -> first.incrementAndGet());
        CompletableFuture<Void> unused = call.toCompletableFuture().thenRun(second::incrementAndGet);
    }

    /** The transport. */
    @Actor
    public void reply() {
        StressRequesters.SHARED.onReply(call.correlationId(), StressRequesters.REPLY);
    }

    /** What ran. */
    @Arbiter
    public void judge(II_Result result) {
        result.r1 = first.get();
        result.r2 = second.get();
    }
}
