package dev.antiphon;

/** What happens at a full queue or at the limit of requests in flight. */
public enum OverloadPolicy {
    /**
     * Refuse: a request fails with RESOURCE_EXHAUSTED, at the requester or as a reply of the responder; a subscriber's
     * message is dropped and reported as a slow consumer.
     */
    REJECT,
    /** Wait for room: the caller of {@code request} within its timeout; a subscription by pushing back on the broker. */
    WAIT
}
