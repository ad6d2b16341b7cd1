package dev.antiphon.transport.amqp;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.OutboundMessage;
import org.jspecify.annotations.Nullable;

/** Why a message is not even tried to be sent. */
final class Refusals {

    /** What a message has in its header frame besides its headers: short strings of at most 255 bytes each, and numbers. */
    private static final int OTHER_PROPERTIES = 2560;

    private final Failures failures;
    private final long maxBody;
    private final long maxPending;

    Refusals(Failures failures, Settings settings) {
        this.failures = failures;
        maxBody = settings.maxBody();
        maxPending = settings.maxPending();
    }

    /**
     * The reason, or null if there is none.
     *
     * @param held whether it may be kept until a broker that is short of resources reads again
     */
    @Nullable
    AntiphonException check(OutboundMessage message, Session session, Lane lane, boolean held) {
        int size = message.message().size();
        if (size > maxBody) {
            return Failures.unsent(
                    ErrorCode.TOO_LARGE,
                    "a body of " + size + " bytes is larger than " + maxBody + ", the value of the option "
                            + AmqpOptions.MAX_BODY,
                    message.subject());
        }
        long headers = HeaderTable.size(message.message().headers());
        if (headers > 0 && session.frameMax() > 0 && headers + OTHER_PROPERTIES > session.frameMax()) {
            return Failures.unsent(
                    ErrorCode.TOO_LARGE,
                    "headers of about " + headers + " bytes do not fit in a frame of " + session.frameMax()
                            + " bytes (the broker's frame_max)",
                    message.subject());
        }
        String blocked = session.blocked();
        if (blocked != null && !held) {
            return failures.blocked(blocked, message.subject());
        }
        int waiting = lane.waiting();
        return waiting > 0 && waiting + size > maxPending ? failures.tooSlow(waiting, message.subject()) : null;
    }
}
