package dev.antiphon;

import java.time.Duration;
import java.util.Optional;

/** A request as its responder sees it. Thread-safe; valid until it is answered. */
public interface Request {

    /** The concrete subject it was sent to, also when the responder serves a pattern. */
    String subject();

    /** Body, headers and content type. */
    Message message();

    /** Shorthand for {@code message().text()}. */
    default String text() {
        return message().text();
    }

    /** Whether the sender asked for a reply. When not, what the handler returns is dropped. */
    boolean expectsReply();

    /**
     * How much of the requester's timeout is left, measured from the arrival of the request on this machine; zero when
     * it is used up, empty when the requester set none. Requests made within the handler inherit it.
     */
    Optional<Duration> remaining();

    /**
     * Declares that this request is not to be answered: whatever the handler returns is dropped, and the requester runs
     * into its timeout unless somebody else answers.
     */
    void noReply();
}
