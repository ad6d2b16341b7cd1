package dev.antiphon.benchmarks;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Medians of one peer in one cell over the rounds. */
final class Summary {

    private final List<Measured> rounds;

    Summary(List<Measured> rounds) {
        this.rounds = List.copyOf(rounds);
    }

    double median(ToDoubleFunction<Measured> value) {
        double[] sorted = sorted(value);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    double lowest(ToDoubleFunction<Measured> value) {
        return sorted(value)[0];
    }

    double highest(ToDoubleFunction<Measured> value) {
        double[] sorted = sorted(value);
        return sorted[sorted.length - 1];
    }

    /** Whether every round saw every thread's allocations. */
    boolean bytesExact() {
        return rounds.stream().allMatch(round -> round.sample().bytesExact() == 1);
    }

    private double[] sorted(ToDoubleFunction<Measured> value) {
        return rounds.stream().mapToDouble(value).sorted().toArray();
    }
}
