package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** What the native clients' failures mean. */
final class NativeFailure {

    /** What the brokers do not want, however often it is tried. */
    private static final List<Class<? extends ApiException>> REFUSED = List.of(
            InvalidTopicException.class,
            InvalidTimestampException.class,
            InvalidRecordException.class,
            InvalidPartitionsException.class,
            InvalidReplicationFactorException.class,
            PolicyViolationException.class);

    private NativeFailure() {}

    /**
     * The failure of an operation.
     *
     * @param what the operation, in words
     * @param sent whether it may have reached the broker
     */
    static AntiphonException of(String what, Throwable thrown, boolean sent, @Nullable String subject) {
        Throwable cause = thrown instanceof ExecutionException && thrown.getCause() != null
                ? thrown.getCause()
                : Topics.unwrapped(thrown);
        if (cause instanceof AntiphonException ours) {
            return ours;
        }
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        ErrorCode code = code(cause, sent);
        boolean refused = code != ErrorCode.CONNECTION_LOST && code != ErrorCode.INTERNAL;
        return new AntiphonException(code, what + " failed: " + why, cause, sent && !refused, subject, null);
    }

    private static ErrorCode code(Throwable cause, boolean sent) {
        if (cause instanceof AuthenticationException) {
            return ErrorCode.AUTHENTICATION;
        }
        if (cause instanceof AuthorizationException) {
            return ErrorCode.PERMISSION_DENIED;
        }
        if (cause instanceof RecordTooLargeException || cause instanceof RecordBatchTooLargeException) {
            return ErrorCode.TOO_LARGE;
        }
        if (cause instanceof BufferExhaustedException || cause instanceof GroupMaxSizeReachedException) {
            return ErrorCode.RESOURCE_EXHAUSTED;
        }
        if (cause instanceof UnknownTopicOrPartitionException) {
            return ErrorCode.NOT_FOUND;
        }
        if (REFUSED.stream().anyMatch(kind -> kind.isInstance(cause))) {
            return ErrorCode.INVALID_ARGUMENT;
        }
        if (cause instanceof UnsupportedVersionException) {
            return ErrorCode.UNSUPPORTED;
        }
        if (cause instanceof TimeoutException || cause instanceof DisconnectException) {
            return sent ? ErrorCode.CONNECTION_LOST : ErrorCode.NOT_CONNECTED;
        }
        return sent ? ErrorCode.CONNECTION_LOST : ErrorCode.INTERNAL;
    }
}
