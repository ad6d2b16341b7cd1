package dev.antiphon.engine;

import java.util.concurrent.atomic.LongAdder;

/** What a messenger counts. */
final class Counters {

    // What different threads count for each request lies far from each other: two of these share a cache line.

    final LongAdder requestsSent = new LongAdder();
    final LongAdder timeouts = new LongAdder();
    final LongAdder noResponders = new LongAdder();
    final LongAdder requestsFailed = new LongAdder();
    final LongAdder lateReplies = new LongAdder();
    final LongAdder repliesReceived = new LongAdder();
    final LongAdder duplicateReplies = new LongAdder();
    final LongAdder unknownReplies = new LongAdder();
    final LongAdder published = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder requestsReceived = new LongAdder();
    final LongAdder delivered = new LongAdder();
    final LongAdder requestsExpired = new LongAdder();
    final LongAdder requestsRejected = new LongAdder();
    final LongAdder requestsCancelled = new LongAdder();
    final LongAdder requestsAnswered = new LongAdder();
    final LongAdder framesIgnored = new LongAdder();

    void ended(Ending how) {
        switch (how) {
            case REPLIED, REPLIED_ERROR -> repliesReceived.increment();
            case TIMED_OUT -> timeouts.increment();
            case NO_RESPONDERS -> noResponders.increment();
            default -> requestsFailed.increment();
        }
    }

    /** Calls that ended without a reply, however. */
    long endedWithoutReply() {
        return timeouts.sum() + noResponders.sum() + requestsFailed.sum();
    }
}
