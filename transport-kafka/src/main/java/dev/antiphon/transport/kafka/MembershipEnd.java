package dev.antiphon.transport.kafka;

import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedAssignorException;

/** Failures after which a native consumer is no member of its group any more, and never will be: another one has to try. */
final class MembershipEnd {

    /** So much later. */
    static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(3);

    private MembershipEnd() {}

    static boolean isOne(RuntimeException failure) {
        return failure instanceof GroupAuthorizationException
                || failure instanceof GroupMaxSizeReachedException
                || failure instanceof InvalidRequestException
                || failure instanceof UnsupportedAssignorException;
    }
}
