package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.peers.Peer;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * What runs, and for how long.
 *
 * @param peers in the order in which they alternate
 * @param cells in the order in which each JVM runs them
 * @param rounds how often every peer runs every cell
 * @param window how long each cell is measured
 * @param jvmWarmUp how long each JVM runs before anything is measured: the compilers do most of their work
 * @param jvmFlags the same for every JVM
 */
record Plan(
        List<Peer> peers, List<Cell> cells, int rounds, Duration window, Duration jvmWarmUp, List<String> jvmFlags) {

    /**
     * The plan with the flags all JVMs share.
     *
     * @throws IllegalArgumentException when it measures nothing
     */
    static Plan of(List<Peer> peers, List<Cell> cells, int rounds, double seconds, double warmUp, String heap) {
        if (rounds < 1 || seconds < 0.1 || warmUp < 0.1) {
            throw new IllegalArgumentException("at least one round, 0.1 seconds and 0.1 seconds to warm up: " + rounds
                    + ", " + seconds + ", " + warmUp);
        }
        return new Plan(
                peers,
                cells,
                rounds,
                duration(seconds),
                duration(warmUp),
                List.of("-Xms" + heap, "-Xmx" + heap, "-XX:+UseG1GC", "-XX:+AlwaysPreTouch"));
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    /** Before each measured window: buffers, batches and branch profiles settle on the new load. */
    Duration cellWarmUp() {
        return window.dividedBy(2);
    }

    /** The load of the unmeasured first run: the one with the most requests of the smallest size. */
    Cell warmUpCell() {
        return cells.stream()
                .filter(cell -> !cell.blocking())
                .max(Comparator.comparingInt((Cell cell) -> -cell.size()).thenComparingInt(Cell::inFlight))
                .orElse(cells.get(0));
    }
}
