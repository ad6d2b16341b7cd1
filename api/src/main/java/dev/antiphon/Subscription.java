package dev.antiphon;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A subscriber's or responder's hold on a subject. It survives reconnects. Thread-safe. */
public interface Subscription extends AutoCloseable {

    /** The subject or pattern, as it was given. */
    String subject();

    /** The queue group, if it joined one. */
    Optional<String> queueGroup();

    /** Whether it still takes messages. */
    boolean isActive();

    /**
     * Leaves without losing anything: no more messages are taken, those already received are handled and answered.
     * Draining twice returns the same future.
     *
     * @param limit how long to wait for handlers; what is not finished then is abandoned and reported
     */
    CompletableFuture<DrainReport> drain(Duration limit);

    /** Leaves at once. Messages received but not yet handled are dropped; requests among them are answered UNAVAILABLE. Idempotent. */
    @Override
    void close();
}
