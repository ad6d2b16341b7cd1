package dev.antiphon.benchmarks.load;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** Runs one cell in this JVM: warm up, measure, stop, wait for the last reply. */
public final class Measurement {

    /** Longer than the timeout of any peer, so that a lost reply shows as what the peer makes of it. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

    private static final OperatingSystemMXBean OS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final Cell cell;
    private final Duration warmUp;
    private final Duration window;

    /** A measurement of this cell; nothing runs yet. */
    public Measurement(Cell cell, Duration warmUp, Duration window) {
        this.cell = cell;
        this.warmUp = warmUp;
        this.window = window;
    }

    /**
     * Runs it.
     *
     * @param atEdge called when the window opens and again when it closes, for meters of other processes
     * @throws LoadFailure when a request failed or was not answered
     */
    public Sample run(Requester requester, Runnable atEdge) throws InterruptedException {
        Loop loop = cell.blocking()
                ? new BlockingLoop(requester, cell, ANSWER_LIMIT)
                : new ClosedLoop(requester, cell, ANSWER_LIMIT);
        Thread.sleep(warmUp.toMillis());
        atEdge.run();
        Allocation allocation = Allocation.start();
        long cpu = OS.getProcessCpuTime();
        long start = System.nanoTime();
        loop.enter(Phase.MEASURE);
        Thread.sleep(window.toMillis());
        loop.enter(Phase.STOP);
        long nanos = System.nanoTime() - start;
        long cpuNanos = OS.getProcessCpuTime() - cpu;
        Allocation.Allocated allocated = allocation.end();
        atEdge.run();
        return sample(loop.finish().sum(), nanos, cpuNanos, allocated);
    }

    private static Sample sample(Histogram h, long nanos, long cpuNanos, Allocation.Allocated allocated) {
        return new Sample(
                h.getTotalCount(),
                nanos,
                h.getValueAtPercentile(50),
                h.getValueAtPercentile(99),
                h.getValueAtPercentile(99.9),
                cpuNanos,
                allocated.bytes(),
                allocated.exact() ? 1 : 0);
    }
}
