package dev.antiphon.benchmarks.load;

/**
 * One point of the comparison.
 *
 * @param inFlight requests pending at the same time
 * @param size body of request and reply, in bytes
 * @param blocking true: so many threads, each waiting for its reply; false: completion callbacks
 */
public record Cell(int inFlight, int size, boolean blocking) {

    /** Checks that there is something to measure. */
    public Cell {
        if (inFlight < 1 || size < 0) {
            throw new IllegalArgumentException(
                    "in flight must be at least 1 and size at least 0: " + inFlight + ", " + size);
        }
    }

    /** For a column or row title, such as {@code 64 x 128 B}. */
    public String title() {
        return inFlight + " x " + sizeText() + (blocking ? ", blocking" : "");
    }

    private String sizeText() {
        return size >= 1024 && size % 1024 == 0 ? size / 1024 + " KiB" : size + " B";
    }
}
