package dev.antiphon;

/** Receives what a subscription delivers: one message at a time, in the order of each publisher. */
@FunctionalInterface
public interface MessageHandler {

    /**
     * Handles one message. May block; the next message of this subscription waits for it, other subscriptions do not.
     *
     * @throws Exception is reported to {@link MessengerListener#onError}; the subscription goes on
     */
    void handle(Delivery delivery) throws Exception;
}
