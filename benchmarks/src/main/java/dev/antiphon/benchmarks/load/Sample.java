package dev.antiphon.benchmarks.load;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * What one peer did in one cell of one round.
 *
 * @param requests answered within the measured window
 * @param nanos length of the window
 * @param p50 median latency in nanoseconds
 * @param p99 99th percentile in nanoseconds
 * @param p999 99.9th percentile in nanoseconds
 * @param cpuNanos processor time of the requester's JVM within the window
 * @param bytes allocated by the requester's JVM within the window
 * @param bytesExact 1, or 0 when a thread ended within the window and took its count along
 */
public record Sample(
        long requests, long nanos, long p50, long p99, long p999, long cpuNanos, long bytes, long bytesExact) {

    /** One line that {@link #parse} reads. */
    public String toLine() {
        return LongStream.of(requests, nanos, p50, p99, p999, cpuNanos, bytes, bytesExact)
                .mapToObj(Long::toString)
                .collect(Collectors.joining(" "));
    }

    /** The inverse of {@link #toLine()}. */
    public static Sample parse(String line) {
        long[] v = Arrays.stream(line.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        if (v.length != 8) {
            throw new IllegalArgumentException("not a sample: " + line);
        }
        return new Sample(v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
    }

    /** Requests per second. */
    public double rate() {
        return requests * 1e9 / nanos;
    }
}
