package dev.antiphon;

import org.jspecify.annotations.Nullable;

/**
 * Hooks into a messenger's life. Every method is called on a thread of the library that may not be blocked for long,
 * one call at a time and in order; what a hook throws is logged and otherwise ignored.
 */
public interface MessengerListener {

    /** The connection changed its state. {@code cause} is null when the change was asked for. */
    default void onConnectionState(ConnectionState state, @Nullable AntiphonException cause) {}

    /** A reply arrived that no request was waiting for. */
    default void onSurplusReply(SurplusReply reply) {}

    /**
     * Something failed that no caller is waiting for: a subscriber's handler threw, a message could not be read, the
     * broker reported an error, a handler never answered.
     */
    default void onError(AntiphonException error) {}

    /**
     * A subscription's queue is full and messages are being dropped, or requests answered with RESOURCE_EXHAUSTED.
     * Called once when an episode begins.
     */
    default void onSlowConsumer(String subject) {}
}
