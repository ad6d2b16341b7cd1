package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** How long something took, from the moment this was made. */
final class Stopwatch {
    private final long start = System.nanoTime();

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Not sooner than {@code earliest}, and not more than {@code slack} later. */
    void assertWithin(Duration earliest, Duration slack) {
        assertThat(elapsed()).as("how long it took").isBetween(earliest, earliest.plus(slack));
    }

    void assertLessThan(Duration limit) {
        assertThat(elapsed()).as("how long it took").isLessThan(limit);
    }
}
