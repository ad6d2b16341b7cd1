package dev.antiphon.conformance.broker;

/** Which way bytes flow through a {@link TcpProxy}. */
public enum Direction {
    /** From the client to the broker. */
    TO_BROKER,
    /** From the broker to the client. */
    TO_CLIENT,
    /** Each of the two. */
    BOTH;

    boolean covers(Direction one) {
        return this == BOTH || this == one;
    }
}
