package dev.antiphon.transport.amqp;

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

    /** A channel was closed by the broker and a new one is being opened. */
    AntiphonException reopening(@Nullable String subject) {
        return unsent(ErrorCode.UNAVAILABLE, "a channel to " + target + " is being opened again", subject);
    }

    AntiphonException closed(@Nullable String subject) {
        return unsent(ErrorCode.CLOSED, "the connection to " + target + " is closed", subject);
    }

    AntiphonException stopped(String subject) {
        return unsent(ErrorCode.CLOSED, "the subscription was stopped", subject);
    }

    /** It may have been sent. */
    AntiphonException closedMeanwhile() {
        return new AntiphonException(ErrorCode.CLOSED, "the connection to " + target + " was closed");
    }

    AntiphonException lost(@Nullable Throwable cause) {
        return new AntiphonException(
                ErrorCode.CONNECTION_LOST,
                "the connection to " + target + " was lost" + BrokerErrors.saying(cause),
                cause);
    }

    AntiphonException gaveUp(@Nullable Throwable cause) {
        return new AntiphonException(ErrorCode.NOT_CONNECTED, "gave up reconnecting to " + target, cause);
    }

    AntiphonException unanswered(Duration limit) {
        return new AntiphonException(ErrorCode.TIMEOUT, "no answer from " + target + " within " + limit);
    }

    /** A quorum queue that gives a consumer no answer, or an internal error. */
    static AntiphonException leaderless(String queue, String said, @Nullable String subject, Throwable cause) {
        return new AntiphonException(
                ErrorCode.UNAVAILABLE,
                queue + " seems to have no leader (" + said
                        + "): most of its nodes are away, or it was declared just before "
                        + "all of them stopped. Start the nodes; if they all run, delete the queue with rabbitmqctl",
                cause,
                false,
                subject,
                null);
    }

    AntiphonException blocked(String reason, @Nullable String subject) {
        return unsent(
                ErrorCode.RESOURCE_EXHAUSTED,
                target + " takes no messages now: " + (reason.isEmpty() ? "it is short of resources" : reason),
                subject);
    }

    AntiphonException tooSlow(int waiting, @Nullable String subject) {
        return unsent(
                ErrorCode.RESOURCE_EXHAUSTED,
                waiting + " bytes wait to be sent to " + target + "; the connection is too slow for more (see "
                        + AmqpOptions.MAX_PENDING + ")",
                subject);
    }

    static AntiphonException unsent(ErrorCode code, String what, @Nullable String subject) {
        return new AntiphonException(code, what, null, false, subject, null);
    }
}
