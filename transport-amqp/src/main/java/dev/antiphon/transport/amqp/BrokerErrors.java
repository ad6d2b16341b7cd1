package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.ShutdownSignalException;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import org.jspecify.annotations.Nullable;

/** What a broker says when it closes a channel or a connection. */
final class BrokerErrors {

    private BrokerErrors() {}

    /** The failure of what the broker refused by closing a channel; anything else is a lost connection. */
    static AntiphonException of(Throwable thrown, @Nullable String subject, boolean mayHaveExecuted) {
        ShutdownSignalException signal = signal(thrown);
        ErrorCode code = switch (replyCode(signal)) {
            case AMQP.ACCESS_REFUSED -> ErrorCode.PERMISSION_DENIED;
            case AMQP.NOT_FOUND -> ErrorCode.NOT_FOUND;
            case AMQP.RESOURCE_LOCKED -> ErrorCode.UNAVAILABLE;
            case AMQP.PRECONDITION_FAILED, AMQP.COMMAND_INVALID, AMQP.SYNTAX_ERROR -> ErrorCode.INVALID_ARGUMENT;
            case AMQP.NOT_ALLOWED -> ErrorCode.PERMISSION_DENIED;
            case AMQP.NOT_IMPLEMENTED -> ErrorCode.UNSUPPORTED;
            case AMQP.INTERNAL_ERROR, AMQP.RESOURCE_ERROR -> ErrorCode.RESOURCE_EXHAUSTED;
            default -> ErrorCode.CONNECTION_LOST;
        };
        Throwable cause = signal == null ? thrown : signal;
        return new AntiphonException(code, "the broker refused" + saying(cause), cause, mayHaveExecuted, subject, null);
    }

    /** Whether only a channel was closed, by the broker. */
    static boolean isOfChannel(Throwable thrown) {
        ShutdownSignalException signal = signal(thrown);
        return signal != null && !signal.isHardError() && !signal.isInitiatedByApplication();
    }

    static boolean is(int replyCode, Throwable thrown) {
        return replyCode(signal(thrown)) == replyCode;
    }

    /** The broker's own words, behind a colon; nothing if it said none. */
    static String saying(@Nullable Throwable thrown) {
        ShutdownSignalException signal = thrown == null ? null : signal(thrown);
        Method reason = signal == null ? null : signal.getReason();
        if (reason instanceof AMQP.Channel.Close close) {
            return ": " + close.getReplyText();
        }
        if (reason instanceof AMQP.Connection.Close close) {
            return ": " + close.getReplyText();
        }
        Throwable root = thrown == null ? null : root(thrown);
        return root == null || root.getMessage() == null ? "" : ": " + root.getMessage();
    }

    private static int replyCode(@Nullable ShutdownSignalException signal) {
        Method reason = signal == null ? null : signal.getReason();
        if (reason instanceof AMQP.Channel.Close close) {
            return close.getReplyCode();
        }
        return reason instanceof AMQP.Connection.Close close ? close.getReplyCode() : 0;
    }

    private static @Nullable ShutdownSignalException signal(Throwable thrown) {
        Throwable at = thrown;
        while (at != null) {
            if (at instanceof ShutdownSignalException signal
                    && !(at instanceof AlreadyClosedException && signal.getReason() == null)) {
                return signal;
            }
            at = at.getCause();
        }
        return null;
    }

    private static Throwable root(Throwable thrown) {
        Throwable at = thrown;
        while (at.getCause() != null && at.getCause() != at) {
            at = at.getCause();
        }
        return at;
    }
}
