package dev.antiphon;

import java.time.Duration;

/**
 * How a responder recognizes requests that are the same piece of work, by {@link RequestOptions#withIdempotencyKey}: one
 * that is being handled is joined, and gets the same answer; one that was answered gets the same reply again, without the
 * handler. Error replies are not kept. What is kept is bounded in three ways, and is lost with the responder: it guards
 * against duplicates of one member, not of a group.
 *
 * @param maxEntries how many replies are kept at most
 * @param maxBytes how many bytes their bodies may have in all
 * @param timeToLive how long a reply is kept
 */
public record Dedup(int maxEntries, long maxBytes, Duration timeToLive) {

    /** 10 000 replies, 16 MiB, 10 minutes. */
    public static final Dedup DEFAULTS = new Dedup(10_000, 16L << 20, Duration.ofMinutes(10));

    /** Checks the numbers. */
    public Dedup {
        MessengerOptions.checkPositive("max entries", maxEntries);
        MessengerOptions.checkTimeout("time to live", timeToLive);
        if (maxBytes < 0) {
            throw new AntiphonException(ErrorCode.INVALID_ARGUMENT, "max bytes must be 0 or more, not " + maxBytes);
        }
    }
}
