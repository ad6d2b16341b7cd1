package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a connection's calls fail with.
 *
 * @param target the addresses, as messages name them
 */
record Failures(String target) {

    AntiphonException notStarted(@Nullable String subject) {
        return unsent(ErrorCode.NOT_CONNECTED, "the transport is not started", subject);
    }

    AntiphonException disconnected(@Nullable String subject) {
        return unsent(ErrorCode.NOT_CONNECTED, "there is no connection to " + target + " now", subject);
    }

    AntiphonException closed(@Nullable String subject) {
        return unsent(ErrorCode.CLOSED, "the connection to " + target + " is closed", subject);
    }

    AntiphonException lost(@Nullable Throwable cause) {
        return new AntiphonException(ErrorCode.CONNECTION_LOST, "the connection to " + target + " was lost", cause);
    }

    AntiphonException gaveUp(@Nullable Throwable cause) {
        return new AntiphonException(ErrorCode.NOT_CONNECTED, "gave up reconnecting to " + target, cause);
    }

    AntiphonException tooLate(String subject) {
        return unsent(ErrorCode.TIMEOUT, "it could not be sent in time", subject);
    }

    AntiphonException unanswered(Duration limit) {
        return new AntiphonException(ErrorCode.TIMEOUT, "no answer from " + target + " within " + limit);
    }

    private static AntiphonException unsent(ErrorCode code, String what, @Nullable String subject) {
        return new AntiphonException(code, what, null, false, subject, null);
    }
}
