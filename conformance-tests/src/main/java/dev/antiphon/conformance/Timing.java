package dev.antiphon.conformance;

import java.time.Duration;
import java.util.Optional;

/**
 * How long rules wait. Each is scaled by the environment variable {@value #SCALE_VARIABLE}, for slow machines.
 *
 * @param signal at most this long for something that must happen
 * @param silence this long for something that must not happen, where no fence message can prove it
 * @param grace how much later than its deadline something may happen on a busy machine
 */
public record Timing(Duration signal, Duration silence, Duration grace) {
    /** Multiplies all times: a number such as {@code 3} or {@code 0.5}. */
    public static final String SCALE_VARIABLE = "CONFORMANCE_TIME_SCALE";

    /** Good for brokers on the same machine. */
    public static Timing standard() {
        return new Timing(Duration.ofSeconds(10), Duration.ofMillis(250), Duration.ofMillis(500)).scaled(scale());
    }

    /** These times, all multiplied. */
    public Timing scaled(double factor) {
        return new Timing(times(signal, factor), times(silence, factor), times(grace, factor));
    }

    static double scale() {
        return Optional.ofNullable(System.getenv(SCALE_VARIABLE))
                .filter(text -> !text.isBlank())
                .map(Double::parseDouble)
                .orElse(1.0);
    }

    static Duration times(Duration time, double factor) {
        return Duration.ofNanos((long) (time.toNanos() * factor));
    }
}
