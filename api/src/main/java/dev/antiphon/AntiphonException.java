package dev.antiphon;

import org.jspecify.annotations.Nullable;

/**
 * The failure of an Antiphon operation: a code, a message that says what to do, and what a caller needs to decide about
 * a retry.
 *
 * <p>Native errors of a broker's client are wrapped once; the native error is the {@linkplain #getCause() cause}.
 * Instances are immutable. A failure that reaches its caller through a {@link Call} is created on a thread of the
 * library; {@link Call#join()} throws a copy made on the caller's thread, so that the stack trace shows the caller.
 */
public class AntiphonException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final boolean mayHaveExecuted;
    private final @Nullable String subject;
    private final @Nullable String requestId;

    /** A failure with no request attached. */
    public AntiphonException(ErrorCode code, String message) {
        this(code, message, null);
    }

    /** A failure with a native cause and no request attached. */
    public AntiphonException(ErrorCode code, String message, @Nullable Throwable cause) {
        this(code, message, cause, code.mayHaveExecuted(), null, null, true);
    }

    /**
     * A failure of one request; {@code mayHaveExecuted} overrides what the code alone says. It has no stack trace: it is
     * made on a thread of the library, perhaps thousands at once. {@link #thrownHere()} gives it one.
     */
    public AntiphonException(
            ErrorCode code,
            String message,
            @Nullable Throwable cause,
            boolean mayHaveExecuted,
            @Nullable String subject,
            @Nullable String requestId) {
        this(code, message, cause, mayHaveExecuted, subject, requestId, false);
    }

    AntiphonException(
            ErrorCode code,
            String message,
            @Nullable Throwable cause,
            boolean mayHaveExecuted,
            @Nullable String subject,
            @Nullable String requestId,
            boolean withStackTrace) {
        super(message, cause, /* enableSuppression= */ true, withStackTrace);
        this.code = code;
        this.mayHaveExecuted = mayHaveExecuted;
        this.subject = subject;
        this.requestId = requestId;
    }

    /** Why it failed. */
    public final ErrorCode code() {
        return code;
    }

    /** Whether the same operation may succeed when it is tried again. */
    public boolean retryable() {
        return code.retryable();
    }

    /** Whether a responder may have handled the request. When false, sending it again can not do the work twice. */
    public final boolean mayHaveExecuted() {
        return mayHaveExecuted;
    }

    /** The subject concerned, or null when none is. */
    public final @Nullable String subject() {
        return subject;
    }

    /** The id of the request concerned, as {@link Call#id()} gives it, or null when none is. */
    public final @Nullable String requestId() {
        return requestId;
    }

    /** The same failure with the request it concerns. */
    public AntiphonException about(String failedSubject, @Nullable String failedRequestId) {
        return new AntiphonException(code, detail(), getCause(), mayHaveExecuted, failedSubject, failedRequestId);
    }

    /** The same failure, created here: with the stack trace of the calling thread. */
    public AntiphonException thrownHere() {
        return new AntiphonException(code, detail(), getCause(), mayHaveExecuted, subject, requestId, true);
    }

    /** The message without the context that {@link #getMessage()} adds. */
    final String detail() {
        String text = super.getMessage();
        return text == null ? "" : text;
    }

    /** {@code CODE: what happened [subject=..., request=...]}. */
    @Override
    public String getMessage() {
        StringBuilder text = new StringBuilder(code.name()).append(": ").append(detail());
        if (subject != null) {
            text.append(" [subject=").append(subject);
            if (requestId != null) {
                text.append(", request=").append(requestId);
            }
            text.append(']');
        }
        return text.toString();
    }
}
