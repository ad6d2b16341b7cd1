package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.spi.ReplyAddress;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A call that wants more of its responder than a reply: notices before it, or to be able to cancel it. Ordinary calls pay
 * nothing for this.
 *
 * <p>The first frame of a responder carries the way back to it. If the call ends without a reply, CANCEL goes there; if
 * the frame comes only after the end, {@link Requester} answers it with CANCEL. So a responder whose frames arrive learns
 * of the end in either case.
 */
class FramedCall extends PendingCall {

    /** How often a request that is idempotent is sent again because its responder leaves. */
    private static final int MAX_RESENDS = 3;

    /**
     * What such a call needs beside the needs of every call.
     *
     * @param wants what the request tells its responder
     * @param parent the request on whose behalf it is made, if it can be cancelled
     * @param acceptTimeout how long until a handler must have begun, or null
     * @param onProgress gets what the handler has to say meanwhile, or null
     * @param idempotent whether it may be sent again
     * @param key what names the piece of work, or null
     */
    record Extras(
            Wants wants,
            @Nullable FramedRequest parent,
            @Nullable Duration acceptTimeout,
            @Nullable Consumer<? super Message> onProgress,
            boolean idempotent,
            @Nullable String key) {

        Message on(Message request) {
            Message wishing = wants.on(request);
            return key == null ? wishing : ControlCodec.withIdempotencyKey(wishing, key);
        }

        /** These with something more to tell the responder. */
        Extras withWants(UnaryOperator<Wants> change) {
            return new Extras(change.apply(wants), parent, acceptTimeout, onProgress, idempotent, key);
        }

        static Extras of(RequestOptions options, @Nullable Request parent) {
            FramedRequest cancellable = parent instanceof FramedRequest framed ? framed : null;
            boolean talks = options.cancellable()
                    || options.acceptTimeout().isPresent()
                    || options.onProgress().isPresent()
                    || cancellable != null;
            Wants wants = talks ? Wants.acceptance() : Wants.NOTHING;
            return new Extras(
                    options.onProgress().isPresent() ? wants.withProgress() : wants,
                    cancellable,
                    options.acceptTimeout().orElse(null),
                    options.onProgress().orElse(null),
                    options.idempotent(),
                    options.idempotencyKey().orElse(null));
        }
    }

    private final Runnable cancellation = this::cancel;

    private final Extras extras;
    private final @Nullable Message again;
    private final @Nullable Feed<Message> progress;
    private volatile @Nullable ReplyAddress responder;
    private volatile Alarms.@Nullable Alarm acceptAlarm;
    private volatile boolean accepted;
    private int resends;

    /**
     * How a call is made.
     *
     * @param deadline when it ends at the latest, on the requester's clock
     */
    record Terms(long deadline, long timeoutNanos, DisconnectPolicy onDisconnect, Extras extras) {
        /** These with something more to tell the responder. */
        Terms withWants(UnaryOperator<Wants> change) {
            return new Terms(deadline, timeoutNanos, onDisconnect, extras.withWants(change));
        }
    }

    FramedCall(Requester requester, String subject, Message message, Terms terms) {
        super(requester, subject, terms.extras.on(message), terms.deadline, terms.timeoutNanos, terms.onDisconnect);
        extras = terms.extras;
        again = extras.idempotent ? message() : null;
        Consumer<? super Message> onProgress = extras.onProgress;
        progress = onProgress == null ? null : new Feed<>(onProgress, requester.completions());
    }

    /** It is in the table and about to be sent. */
    void registered() {
        FramedRequest parent = extras.parent;
        if (parent != null) {
            parent.onCancel(cancellation);
        }
        Duration limit = extras.acceptTimeout;
        if (limit != null) {
            acceptAlarm = requester.alarms().set(limit.toNanos(), this::notAccepted);
            if (isEnded()) {
                disarm();
            }
        }
    }

    private void notAccepted() {
        if (!accepted) {
            end(
                    Ending.TIMED_OUT,
                    new AntiphonException(
                            ErrorCode.TIMEOUT,
                            "no responder began to handle the request within " + extras.acceptTimeout,
                            null,
                            mayHaveExecuted(),
                            subject(),
                            id()));
        }
    }

    // -- Receiving --

    @Override
    boolean receive(Message reply, @Nullable ReplyAddress from) {
        Frame frame = Frame.of(reply);
        if (frame == null || frame.kind() == Frame.Kind.GOING_AWAY) {
            return receiveReply(reply);
        }
        return !isEnded() && receive(frame, reply, from);
    }

    /** Takes a frame; false if it is of no use. */
    boolean receive(Frame frame, Message content, @Nullable ReplyAddress from) {
        switch (frame.kind()) {
            case ACCEPTED -> accepted(from);
            case PROGRESS -> {
                accepted(from);
                if (progress != null && !progress.offer(ControlCodec.withoutControlHeaders(content))) {
                    requester.ignored();
                }
            }
            default -> requester.ignored();
        }
        return true;
    }

    /** Takes a plain reply, or an error reply. */
    boolean receiveReply(Message reply) {
        return (again != null && sentElsewhere(reply)) || super.receive(reply, null);
    }

    /** A responder that leaves is no failure of a request that may be handled twice. */
    private boolean sentElsewhere(Message reply) {
        AntiphonException error = ControlCodec.error(reply);
        Message request = again;
        if (request == null || error == null || error.code() != ErrorCode.UNAVAILABLE || isEnded()) {
            return false;
        }
        synchronized (this) {
            if (resends >= MAX_RESENDS) {
                return false;
            }
            resends++;
        }
        responder = null;
        sendOnceMore(request);
        return true;
    }

    /** A handler has it. */
    void accepted(@Nullable ReplyAddress from) {
        accepted = true;
        disarm();
        if (from != null) {
            responder = from;
            if (isEnded() && !ending().replied()) {
                cancelResponder();
            }
        }
    }

    final @Nullable ReplyAddress responder() {
        return responder;
    }

    // -- Ending --

    @Override
    boolean end(Ending how, Object result) {
        if (!super.end(how, result)) {
            return false;
        }
        left(how);
        return true;
    }

    /** It has ended, and its owner knows. */
    void left(Ending how) {
        disarm();
        if (progress != null) {
            progress.end();
        }
        FramedRequest parent = extras.parent;
        if (parent != null) {
            parent.forgetOnCancel(cancellation);
        }
        if (!how.replied()) {
            cancelResponder();
        }
    }

    private void disarm() {
        Alarms.Alarm alarm = acceptAlarm;
        if (alarm != null) {
            alarm.cancel();
        }
    }

    private void cancelResponder() {
        ReplyAddress to = responder;
        if (to != null) {
            cancelAt(to);
        }
    }

    final void cancelAt(ReplyAddress to) {
        say(to, new Frame(Frame.Kind.CANCEL, 0, 0));
    }

    /** Sends a frame to a responder. */
    final void say(ReplyAddress to, Frame frame) {
        requester.sendFrame(to, subject(), frame, correlationId());
    }
}
