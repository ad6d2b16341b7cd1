package dev.antiphon.engine;

/** How a call ended. */
enum Ending {
    /** A reply came. */
    REPLIED(0),
    /** An error reply came. */
    REPLIED_ERROR(1),
    /** The deadline passed. */
    TIMED_OUT(2),
    /** Nobody serves the subject. */
    NO_RESPONDERS(3),
    /** The caller cancelled. */
    CANCELLED(4),
    /** It could not be sent, or its connection was lost. */
    FAILED(5),
    /** The messenger was closed. */
    CLOSED(6);

    private static final Ending[] ALL = values();

    private final int code;

    Ending(int code) {
        this.code = code;
    }

    static Ending at(int code) {
        return ALL[code];
    }

    /** A number from 0 to 6, for packing. */
    int code() {
        return code;
    }

    boolean replied() {
        return this == REPLIED || this == REPLIED_ERROR;
    }
}
