package dev.antiphon.engine;

import dev.antiphon.Message;
import dev.antiphon.spi.SendCallback;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/** A message is confirmed on the transport's thread when its future is just being handed to the caller. */
@JCStressTest
@Outcome(id = "caller", expect = Expect.ACCEPTABLE, desc = "it was confirmed before")
@Outcome(id = "executor", expect = Expect.ACCEPTABLE, desc = "it was confirmed afterwards")
@Outcome(id = "not confirmed", expect = Expect.ACCEPTABLE, desc = "the transport's thread was too early")
@Outcome(id = "transport", expect = Expect.FORBIDDEN, desc = "the caller's code ran on the transport's thread")
@State
public class PublicationStress {
    private static final int SPINS = 1000;

    private volatile @Nullable SendCallback callback;
    private volatile String running = "not confirmed";
    private volatile boolean byExecutor;
    private @Nullable Thread caller;

    private final Executor completions = task -> {
        byExecutor = true;
        task.run();
    };

    /** Publishes, and depends on the outcome. */
    @Actor
    public void publish() {
        caller = Thread.currentThread();
        CompletableFuture<Void> unused = Publication.send(
                        new StressTransport(given -> callback = given), "subject", Message.empty(), completions)
                .thenRun(() ->
                        running = byExecutor ? "executor" : Thread.currentThread() == caller ? "caller" : "transport");
    }

    /** The transport's thread. */
    @Actor
    public void confirm() {
        for (int i = 0; i < SPINS; i++) {
            SendCallback given = callback;
            if (given != null) {
                given.onSent();
                return;
            }
            Thread.onSpinWait();
        }
    }

    /** Where the dependent ran. */
    @Arbiter
    public void judge(L_Result result) {
        result.r1 = running;
    }
}
