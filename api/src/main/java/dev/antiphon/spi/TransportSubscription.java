package dev.antiphon.spi;

import java.util.concurrent.CompletionStage;

/** A subscription at the broker. */
public interface TransportSubscription {

    /**
     * Stops the intake and loses nothing: the broker sends no more, and the stage ends when everything it had sent has
     * been handed to the handler. Settling and replying still work. Idempotent; the stage never fails.
     */
    CompletionStage<Void> stop();
}
