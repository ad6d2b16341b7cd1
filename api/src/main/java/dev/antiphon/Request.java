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
     * Tells the requester, if it wants to know, that this request is being taken care of. The library does it when it
     * calls the handler, unless {@link RespondOptions#withAutoAccept} says that the handler does it.
     */
    void accept();

    /**
     * Tells the requester, if it wants to know, how far the work has got. Progress is for information: if it comes too
     * fast, some of it is lost.
     *
     * @throws AntiphonException INVALID_ARGUMENT for a header that is the library's own
     */
    void progress(Message message);

    /**
     * Whether the requester has lost interest: it cancelled, or its timeout has passed. Known only of requests that were
     * made so that they can be cancelled ({@link RequestOptions#withCancellable}); their replies are dropped then.
     */
    boolean isCancelled();

    /**
     * Runs an action once if the request is cancelled before it is answered; at once if it is cancelled already. The
     * action runs on a thread of the library that may block.
     */
    void onCancel(Runnable action);

    /**
     * Declares that this request is not to be answered: whatever the handler returns is dropped, and the requester runs
     * into its timeout unless somebody else answers.
     */
    void noReply();
}
