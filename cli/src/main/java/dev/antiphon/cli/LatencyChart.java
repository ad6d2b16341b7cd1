package dev.antiphon.cli;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** A histogram as text: one row per range of latencies, ranges in steps of 1, 2 and 5. */
final class LatencyChart {

    private static final int WIDTH = 40;

    private LatencyChart() {}

    /** The rows from the fastest request to the slowest; none when there was no request. */
    static List<String> rows(Histogram nanos) {
        List<String> rows = new ArrayList<>();
        if (nanos.getTotalCount() == 0) {
            return rows;
        }
        long from = 0;
        for (long to = 1_000; from <= nanos.getMaxValue(); to = next(to)) {
            if (to > nanos.getMinValue()) {
                double share = (double) count(nanos, from, to) / nanos.getTotalCount();
                rows.add(row(to, share));
            }
            from = to;
        }
        return rows;
    }

    private static String row(long to, double share) {
        String bar = "#".repeat((int) Math.round(share * WIDTH));
        return Format.of("  < %8s |%-" + WIDTH + "s| %5.1f %%", Format.nanos(to), bar, share * 100);
    }

    private static long count(Histogram nanos, long from, long to) {
        return nanos.getCountBetweenValues(from, to - 1);
    }

    /** 1, 2, 5, 10, 20, 50, ... */
    private static long next(long bound) {
        long digit = Long.parseLong(Long.toString(bound).substring(0, 1));
        return digit == 2 ? bound / 2 * 5 : bound * 2;
    }
}
