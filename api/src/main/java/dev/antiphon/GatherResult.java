package dev.antiphon;

import java.util.List;
import java.util.Set;

/**
 * What a gathering of replies brought.
 *
 * @param end why it ended
 * @param replies the replies, in the order they came
 * @param errors what responders, or their subjects, failed with
 * @param missing of the expected responders, or else of several subjects, those that were not heard of
 * @param sufficient whether there are as many replies as {@link GatherOptions#withMin} asked for
 */
public record GatherResult(
        End end, List<Reply> replies, List<Failure> errors, Set<String> missing, boolean sufficient) {

    /** Why a gathering ended. */
    public enum End {
        /** There were as many replies as {@link GatherOptions#withMax} allows. */
        ENOUGH,
        /** The reply came that {@link GatherOptions#withUntil} waits for. */
        UNTIL,
        /** Everybody who was expected has answered; or each of several subjects has, or is known to have nobody. */
        EVERYBODY,
        /** No more replies came for as long as {@link GatherOptions#withStallTimeout} says. */
        STALLED,
        /** The time was up. */
        TIMEOUT,
        /** Nobody serves the subject, or any of the subjects. */
        NO_RESPONDERS,
        /** The caller cancelled. */
        CANCELLED,
        /** The messenger was closed. */
        CLOSED,
        /** It could not be sent, or the connection was lost; the errors tell. */
        FAILED
    }

    /**
     * A reply.
     *
     * @param responder the name of the responder's messenger; empty if it does not say
     * @param subject where the request went
     * @param message what it says
     */
    public record Reply(String responder, String subject, Message message) {}

    /**
     * An error reply, or why a request could not be made.
     *
     * @param responder the name of the responder's messenger; empty if it does not say, or there is none
     * @param subject where the request went
     * @param exception what went wrong
     */
    public record Failure(String responder, String subject, AntiphonException exception) {}

    /** Takes copies. */
    public GatherResult {
        replies = List.copyOf(replies);
        errors = List.copyOf(errors);
        missing = Set.copyOf(missing);
    }

    /** The messages of the replies alone. */
    public List<Message> messages() {
        return replies.stream().map(Reply::message).toList();
    }
}
