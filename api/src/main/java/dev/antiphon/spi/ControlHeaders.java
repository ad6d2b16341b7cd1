package dev.antiphon.spi;

/**
 * The names of the headers that Antiphon adds to messages. Optional extras: a peer that knows none of them can request
 * and respond. Transports need the error headers only, to translate them to and from the broker's own convention.
 */
public final class ControlHeaders {

    /** How every name begins. Users can not set such headers. */
    public static final String PREFIX = "antiphon-";

    /** On a request: what is left of the requester's timeout, in whole milliseconds. */
    public static final String BUDGET = "antiphon-budget";

    /** On a request: which frames its sender understands and wants, beside the reply. */
    public static final String WANTS = "antiphon-wants";

    /** On a message between a requester and a responder that is not the plain reply: which frame it is. */
    public static final String FRAME = "antiphon-frame";

    /** On a reply, if the request wants it: which responder sent it. */
    public static final String RESPONDER = "antiphon-responder";

    /** On a request: requests with the same key are the same piece of work; percent-encoded. */
    public static final String IDEMPOTENCY_KEY = "antiphon-idempotency-key";

    /** On a reply: it is an error reply; the value is the name of an {@link dev.antiphon.ErrorCode}. */
    public static final String ERROR = "antiphon-error";

    /** On an error reply with {@code REMOTE}: the application's code, percent-encoded. */
    public static final String ERROR_CODE = "antiphon-error-code";

    /** On an error reply: what happened, percent-encoded UTF-8. */
    public static final String ERROR_MESSAGE = "antiphon-error-message";

    private ControlHeaders() {}
}
