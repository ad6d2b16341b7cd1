package dev.antiphon;

import org.jspecify.annotations.Nullable;

/**
 * An error reply: the responder was reached and answered that it failed.
 *
 * <p>On the requester's side {@link #remoteCode()} and {@link #remoteMessage()} are the responder's. A handler may throw
 * one to choose the code of its error reply; any other exception is answered with code {@code INTERNAL} and the
 * exception's message. No stack trace ever travels.
 */
public final class RemoteException extends AntiphonException {

    private static final long serialVersionUID = 1L;

    private final String remoteCode;

    /** An error reply with a code chosen by the application, such as {@code OUT_OF_STOCK}. */
    public RemoteException(String remoteCode, String message) {
        this(remoteCode, message, null, null, null, true);
    }

    private RemoteException(
            String remoteCode,
            String message,
            @Nullable Throwable cause,
            @Nullable String subject,
            @Nullable String requestId,
            boolean withStackTrace) {
        super(ErrorCode.REMOTE, message, cause, true, subject, requestId, withStackTrace);
        this.remoteCode = remoteCode;
    }

    /** The responder's code. */
    public String remoteCode() {
        return remoteCode;
    }

    /** The responder's message. */
    public String remoteMessage() {
        return detail();
    }

    @Override
    public RemoteException about(String failedSubject, @Nullable String failedRequestId) {
        return new RemoteException(remoteCode, detail(), getCause(), failedSubject, failedRequestId, false);
    }

    @Override
    public RemoteException thrownHere() {
        return new RemoteException(remoteCode, detail(), getCause(), subject(), requestId(), true);
    }

    @Override
    public String getMessage() {
        return super.getMessage() + " [code=" + remoteCode + "]";
    }
}
