package dev.antiphon;

/** The state of a messenger's connection to its broker. */
public enum ConnectionState {
    /** Not yet connected for the first time. */
    CONNECTING,
    /** Connected; subscriptions are in place. */
    CONNECTED,
    /** The connection was lost and is being restored. */
    RECONNECTING,
    /** Closed for good. Always the last state reported. */
    CLOSED
}
