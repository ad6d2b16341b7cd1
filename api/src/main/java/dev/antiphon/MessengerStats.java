package dev.antiphon;

/**
 * Counters since the messenger was made, and gauges of what is in flight. The counters are each exact; together they are
 * not one snapshot.
 *
 * @param requestsSent requests that were registered and handed to the transport or kept for a reconnect
 * @param repliesReceived calls that ended with a reply, error replies included
 * @param timeouts calls that ended with TIMEOUT
 * @param noResponders calls that ended with NO_RESPONDERS
 * @param requestsFailed calls that ended in another way without a reply
 * @param lateReplies surplus replies to calls that had ended without one
 * @param duplicateReplies surplus replies to calls that had been answered
 * @param unknownReplies surplus replies with an id that is not remembered or not readable
 * @param published messages handed to the transport by {@code publish}
 * @param delivered messages taken from the transport for subscribers
 * @param dropped messages for subscribers dropped at a full queue
 * @param requestsReceived requests taken from the transport for responders
 * @param requestsAnswered requests answered, with a reply or an error reply
 * @param requestsExpired requests whose deadline had passed before their handler ran
 * @param requestsRejected requests answered RESOURCE_EXHAUSTED or UNAVAILABLE without running a handler
 * @param reconnects how often the connection came back
 * @param inFlight calls that have not ended: entries of the correlation table
 * @param timersArmed timers of calls
 * @param permitsInUse in-flight permits taken
 * @param handlersRunning messages and requests being handled
 * @param callsLeaked calls that were lost without an end: always 0 unless there is a defect
 * @param requestsCancelled requests whose requester cancelled them while they were being handled
 * @param framesIgnored frames of the protocol that could not be read, or that nobody was waiting for
 * @param exchanges requests being handled whose requester may cancel them or take more of a stream
 */
public record MessengerStats(
        long requestsSent,
        long repliesReceived,
        long timeouts,
        long noResponders,
        long requestsFailed,
        long lateReplies,
        long duplicateReplies,
        long unknownReplies,
        long published,
        long delivered,
        long dropped,
        long requestsReceived,
        long requestsAnswered,
        long requestsExpired,
        long requestsRejected,
        long reconnects,
        int inFlight,
        int timersArmed,
        int permitsInUse,
        int handlersRunning,
        long callsLeaked,
        long requestsCancelled,
        long framesIgnored,
        int exchanges) {

    /**
     * The self-check: whether table, timers and permits agree and nothing leaked. Exact when no request begins or ends
     * meanwhile; under load the three gauges are read one after the other and may differ by what is on its way.
     */
    public boolean consistent() {
        return inFlight == timersArmed && timersArmed == permitsInUse && callsLeaked == 0;
    }
}
