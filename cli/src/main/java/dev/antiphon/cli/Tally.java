package dev.antiphon.cli;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/** Counts how requests end, and how long the answered ones took. Thread-safe. */
final class Tally implements Load.Ending {

    private static final double[] PERCENTILES = {50, 90, 99, 99.9};

    private final LongAdder answered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final ConcurrentMap<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final LongAccumulator worst = new LongAccumulator(Math::max, Verdict.ANSWERED);
    private final LongAccumulator slowestFailure = new LongAccumulator(Math::max, 0);
    private final Recorder latencies = new Recorder(100, TimeUnit.HOURS.toNanos(25), 3);
    private final Histogram latency = latencies.getIntervalHistogram();
    private final long start = System.nanoTime();
    private long elapsed;

    @Override
    public void ended(@Nullable Message reply, @Nullable AntiphonException failure, long nanos) {
        if (failure == null) {
            answered.increment();
            latencies.recordValue(nanos);
            return;
        }
        failed.increment();
        slowestFailure.accumulate(nanos);
        worst.accumulate(Verdict.of(failure.code()).exitCode());
        errors.computeIfAbsent(Failures.label(failure), code -> new LongAdder()).increment();
    }

    /** Stops the clock. */
    Tally finish() {
        elapsed = System.nanoTime() - start;
        latency.add(latencies.getIntervalHistogram());
        return this;
    }

    long answered() {
        return answered.sum();
    }

    long failed() {
        return failed.sum();
    }

    long ended() {
        return answered() + failed();
    }

    /** The exit code of the worst outcome: the highest. */
    int exitCode() {
        return worst.intValue();
    }

    double perSecond() {
        return answered() * 1e9 / Math.max(1, elapsed);
    }

    long nanosAt(double percentile) {
        return latency.getValueAtPercentile(percentile);
    }

    /** Latencies of answered requests, in nanoseconds. Only after {@link #finish}. */
    Histogram latency() {
        return latency;
    }

    /** {@code p50 80 us  p90 120 us ...  max 2.1 ms}. */
    String latencyLine() {
        if (latency.getTotalCount() == 0) {
            return "nothing was answered";
        }
        StringBuilder line = new StringBuilder();
        for (double percentile : PERCENTILES) {
            line.append(name(percentile))
                    .append(' ')
                    .append(Format.nanos(nanosAt(percentile)))
                    .append("  ");
        }
        return line.append("max ").append(Format.nanos(latency.getMaxValue())).toString();
    }

    /** {@code TIMEOUT 3, REMOTE OUT_OF_STOCK 1; the slowest after 1.00 s}. */
    String errorLine() {
        if (errors.isEmpty()) {
            return "none";
        }
        StringBuilder line = new StringBuilder();
        new TreeMap<>(errors)
                .forEach((code, count) -> line.append(line.isEmpty() ? "" : ", ")
                        .append(code)
                        .append(' ')
                        .append(count));
        return line + "; the slowest after " + Format.nanos(slowestFailure.get());
    }

    String throughputLine() {
        return Format.of(
                "%,d answered, %,d failed in %s: %,.0f/s", answered(), failed(), Format.nanos(elapsed), perSecond());
    }

    Map<String, Object> toMap(String type) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", type);
        map.put("answered", answered());
        map.put("failed", failed());
        map.put("seconds", elapsed / 1e9);
        map.put("perSecond", perSecond());
        Map<String, Object> micros = new LinkedHashMap<>();
        for (double percentile : PERCENTILES) {
            micros.put(name(percentile), Format.micros(nanosAt(percentile)));
        }
        micros.put("max", Format.micros(latency.getMaxValue()));
        map.put("latencyMicros", micros);
        map.put("errors", new TreeMap<>(errors));
        map.put("slowestFailureMicros", Format.micros(slowestFailure.get()));
        return map;
    }

    private static String name(double percentile) {
        return "p"
                + (percentile == Math.rint(percentile)
                        ? Integer.toString((int) percentile)
                        : Double.toString(percentile));
    }
}
