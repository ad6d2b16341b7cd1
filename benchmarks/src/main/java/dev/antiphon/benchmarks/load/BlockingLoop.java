package dev.antiphon.benchmarks.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The same load from plain threads: each sends a request, waits for its reply, and sends the next. */
final class BlockingLoop implements Loop {

    private final Requester requester;
    private final Duration answerLimit;
    private final Latencies latencies = new Latencies();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final List<Thread> callers = new ArrayList<>();
    private volatile Phase phase = Phase.WARM_UP;

    BlockingLoop(Requester requester, Cell cell, Duration answerLimit) {
        this.requester = requester;
        this.answerLimit = answerLimit;
        byte[] body = new byte[cell.size()];
        for (int i = 0; i < cell.inFlight(); i++) {
            Latencies.Collector collector = latencies.collector(i);
            Thread caller = new Thread(() -> run(body, collector), "caller-" + i);
            caller.setDaemon(true);
            callers.add(caller);
        }
        callers.forEach(Thread::start);
    }

    private void run(byte[] body, Latencies.Collector collector) {
        try {
            while (phase != Phase.STOP) {
                callOnce(body, collector);
            }
            collector.handOver();
        } catch (Exception e) {
            failure.compareAndSet(null, e);
        }
    }

    private void callOnce(byte[] body, Latencies.Collector collector) throws Exception {
        long start = System.nanoTime();
        int bytes = requester.call(body);
        long end = System.nanoTime();
        if (bytes != body.length) {
            throw new IllegalStateException("a reply of " + bytes + " bytes instead of " + body.length);
        }
        if (phase == Phase.MEASURE) {
            collector.add(end - start);
        }
    }

    @Override
    public void enter(Phase next) {
        phase = next;
    }

    @Override
    public Latencies finish() throws InterruptedException {
        for (Thread caller : callers) {
            caller.join(answerLimit.toMillis());
            if (caller.isAlive()) {
                throw new LoadFailure("a blocking call did not return", failure.get());
            }
        }
        Throwable cause = failure.get();
        if (cause != null) {
            throw new LoadFailure("a request failed: " + cause, cause);
        }
        return latencies;
    }
}
