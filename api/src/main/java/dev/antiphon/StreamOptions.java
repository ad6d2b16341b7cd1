package dev.antiphon;

import java.time.Duration;

/** How a stream of replies is received. Immutable; begin with {@link #DEFAULTS}. */
public final class StreamOptions {

    /** Up to 24 hours, 10 seconds of silence, 256 items on their way. */
    public static final StreamOptions DEFAULTS =
            new StreamOptions(MessengerOptions.MAX_TIMEOUT, Duration.ofSeconds(10), 256);

    private static final int MAX_WINDOW = 1 << 20;
    private static final Duration MIN_GAP = Duration.ofMillis(50);
    private static final Duration MAX_GAP = Duration.ofHours(1);

    private final Duration timeout;
    private final Duration gapTimeout;
    private final int window;

    private StreamOptions(Duration timeout, Duration gapTimeout, int window) {
        this.timeout = timeout;
        this.gapTimeout = gapTimeout;
        this.window = window;
    }

    /**
     * The time for the whole stream.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is zero or less, or more than {@link MessengerOptions#MAX_TIMEOUT}
     */
    public StreamOptions withTimeout(Duration newTimeout) {
        return new StreamOptions(MessengerOptions.checkTimeout("timeout", newTimeout), gapTimeout, window);
    }

    /**
     * After how much silence the other side is taken for dead: the responder by the requester, which ends the stream with
     * TIMEOUT, and the requester by the responder, which is told that it is cancelled. While nothing is sent, both sides
     * give signs of life several times within this time. Responders that are not of this library do not, so it is also
     * the time they have for their reply.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is less than 50 milliseconds or more than an hour
     */
    public StreamOptions withGapTimeout(Duration newGapTimeout) {
        if (newGapTimeout.compareTo(MIN_GAP) < 0 || newGapTimeout.compareTo(MAX_GAP) > 0) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT,
                    "a gap timeout is from " + MIN_GAP.toMillis() + " ms to an hour, not " + newGapTimeout);
        }
        return new StreamOptions(timeout, newGapTimeout, window);
    }

    /**
     * How many items may be on their way or waiting to be consumed: what a slow consumer has in memory at most.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is less than 1 or more than 1 048 576
     */
    public StreamOptions withWindow(int newWindow) {
        if (MessengerOptions.checkPositive("window", newWindow) > MAX_WINDOW) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT, "a window is at most " + MAX_WINDOW + ", not " + newWindow);
        }
        return new StreamOptions(timeout, gapTimeout, newWindow);
    }

    /** The time for the whole stream. */
    public Duration timeout() {
        return timeout;
    }

    /** After how much silence the other side is taken for dead. */
    public Duration gapTimeout() {
        return gapTimeout;
    }

    /** How many items may be on their way or waiting to be consumed. */
    public int window() {
        return window;
    }
}
