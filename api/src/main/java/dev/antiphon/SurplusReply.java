package dev.antiphon;

import java.time.Duration;
import java.util.Optional;

/**
 * A reply that no request was waiting for. It has been counted and settled; it does not come again.
 *
 * @param kind why nobody waited
 * @param requestId the id of the request it answers, as its responder sent it back
 * @param message the reply
 * @param lateBy how long after the end of its request it came; empty for {@code UNKNOWN}
 */
public record SurplusReply(Kind kind, String requestId, Message message, Optional<Duration> lateBy) {

    /** Why nobody waited for the reply. */
    public enum Kind {
        /** The request had ended without a reply: by timeout, cancellation or failure. */
        LATE,
        /** The request had been answered already. */
        DUPLICATE,
        /** No request with this id is remembered, or the id is not one of ours. */
        UNKNOWN
    }
}
