package dev.antiphon.transport.kafka;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;

/**
 * A native consumer's being a member of a group. Some failures are the end of it for good; then another native consumer has to try, a while
 * later. Used on one thread.
 *
 * @param <C> the native consumer
 */
final class Membership<C> {

    /** So much later. */
    static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final Supplier<C> opener;
    private boolean ended;
    private long endedAt;

    /** @param opener makes native consumers */
    Membership(Supplier<C> opener) {
        this.opener = opener;
    }

    /** Whether the native consumer is no member any more after such a failure, and never will be; or asks for it a thousand times a second. */
    static boolean isEnd(RuntimeException failure) {
        return failure instanceof GroupAuthorizationException
                || failure instanceof GroupIdNotFoundException // the brokers have lost it, with all their data
                || failure instanceof GroupMaxSizeReachedException
                || failure instanceof InvalidRequestException
                || failure instanceof UnsupportedAssignorException
                || isToldMembers(failure);
    }

    /** A topic that may not be read is named, and the others go on; members whose topics may not be seen are told no name. */
    private static boolean isToldMembers(RuntimeException failure) {
        return failure instanceof TopicAuthorizationException denied
                && denied.unauthorizedTopics().isEmpty();
    }

    /** The native consumer is of no use any more. */
    void end(long now) {
        ended = true;
        endedAt = now;
    }

    /** Whether it is time to try. */
    boolean isDue(long now) {
        return !ended || now - endedAt >= AGAIN_NANOS;
    }

    /** The native consumer to try with. If another one is needed and can not be made now, that fails, and is due again as much later. */
    C renewed(C present, long now) {
        if (!ended) {
            return present;
        }
        endedAt = now;
        C next = opener.get();
        ended = false;
        return next;
    }
}
