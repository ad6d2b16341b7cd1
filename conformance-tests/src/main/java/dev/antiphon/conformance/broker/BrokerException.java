package dev.antiphon.conformance.broker;

import org.jspecify.annotations.Nullable;

/** A broker for tests did not do what it was told: start, stop, answer. The message says which and ends with what it logged. */
public class BrokerException extends RuntimeException {
    /** With a message of its own. */
    public BrokerException(String message) {
        this(message, null);
    }

    /** With what went wrong below. */
    public BrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    static BrokerException interrupted(String during, InterruptedException cause) {
        Thread.currentThread().interrupt();
        return new BrokerException("interrupted while " + during, cause);
    }
}
