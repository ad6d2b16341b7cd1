package dev.antiphon;

/**
 * Why an operation failed. Programs act upon the code, not upon the message text.
 *
 * <p>Names and meanings follow gRPC's status codes where one exists. {@link #retryable()} says whether the same
 * operation may succeed when it is tried again; whether trying again is <em>safe</em> is told by
 * {@link AntiphonException#mayHaveExecuted()}.
 */
public enum ErrorCode {
    /** The deadline passed before a reply arrived. The request may have been handled. */
    TIMEOUT(true, true),
    /** Nobody serves the subject; known without waiting for the timeout. */
    NO_RESPONDERS(true, false),
    /** The connection, or the address that replies were sent to, was lost while the request was in flight. */
    CONNECTION_LOST(true, true),
    /** There is no connection to the broker and the message was not sent. */
    NOT_CONNECTED(true, false),
    /** The messenger, or the subscription, was closed. */
    CLOSED(false, true),
    /** The message is larger than the broker accepts. It was not sent. */
    TOO_LARGE(false, false),
    /** The responder is leaving, or can not serve now. The request was not handled. */
    UNAVAILABLE(true, false),
    /** An argument is wrong whatever the state of the system: a bad subject, header, option or URL. */
    INVALID_ARGUMENT(false, false),
    /** The transport, or this version of it, can not do what was asked. */
    UNSUPPORTED(false, false),
    /** The caller cancelled the operation. */
    CANCELLED(false, true),
    /** A limit was reached: requests in flight, a responder's queue, a buffer. */
    RESOURCE_EXHAUSTED(true, false),
    /** The responder answered with an error; see {@link RemoteException}. */
    REMOTE(false, true),
    /** The broker refused the credentials. */
    AUTHENTICATION(false, false),
    /** The broker does not allow this client to do this. */
    PERMISSION_DENIED(false, false),
    /** A broker entity that must exist does not. */
    NOT_FOUND(false, false),
    /** A reply arrived that can not be read. */
    DATA_LOSS(false, true),
    /** A defect in Antiphon or in the native client. */
    INTERNAL(false, true);

    private final boolean retryable;
    private final boolean mayHaveExecuted;

    ErrorCode(boolean retryable, boolean mayHaveExecuted) {
        this.retryable = retryable;
        this.mayHaveExecuted = mayHaveExecuted;
    }

    /** Whether the same operation may succeed when it is tried again later. */
    public boolean retryable() {
        return retryable;
    }

    /**
     * Whether, with this code and nothing else known, a responder may have handled the request. An
     * {@link AntiphonException} may know better.
     */
    public boolean mayHaveExecuted() {
        return mayHaveExecuted;
    }
}
