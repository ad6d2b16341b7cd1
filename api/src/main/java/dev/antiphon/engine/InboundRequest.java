package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Request;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.SendCallback;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request being served: what the handler sees, the task that runs the handler, and the callback of the reply's send,
 * in one object. It is answered once; then it is settled, and its place is free.
 */
class InboundRequest implements Request, Runnable, SendCallback {

    private static final int OPEN = 0;
    private static final int ANSWERED = 1;
    /** Its reply was refused by the transport and an error reply is on its way instead. */
    private static final int ANSWERED_WITH_ERROR = 2;
    /** The end; a transport that calls back twice changes nothing any more. */
    private static final int SETTLED = 3;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(InboundRequest.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Responder responder;
    private final InboundMessage inbound;
    /** The message without our headers; made when it is asked for. */
    private @Nullable Message message;

    private final long deadline;
    private final boolean hasDeadline;
    private volatile boolean noReply;

    @SuppressWarnings("UnusedVariable") // through STATE
    private volatile int state;

    /** Whether it counts among the responder's concurrent requests. */
    boolean holdsPlace;
    /** Whether a handler was called. */
    boolean handled;
    /** Where the responder keeps it while a handler has it. */
    int slot;
    /**
     * For a request handed to an asynchronous handler, see {@link DropDetector}. In the second object for the same
     * request: a weak reference to the first.
     */
    @Nullable
    Object sentinel;

    InboundRequest(Responder responder, InboundMessage inbound, boolean hasDeadline, long deadline) {
        this.responder = responder;
        this.inbound = inbound;
        this.hasDeadline = hasDeadline;
        this.deadline = deadline;
    }

    @Override
    public void run() {
        responder.handle(this);
    }

    // -- What the handler sees --

    @Override
    public String subject() {
        return inbound.subject();
    }

    @Override
    public Message message() {
        Message stripped = message; // two threads may both make it; one is as good as the other
        if (stripped == null) {
            stripped = ControlCodec.withoutControlHeaders(inbound.message());
            message = stripped;
        }
        return stripped;
    }

    @Override
    public boolean expectsReply() {
        return inbound.replyAddress() != null;
    }

    @Override
    public Optional<Duration> remaining() {
        return hasDeadline ? Optional.of(Duration.ofNanos(Math.max(0, nanosLeft(responder.now())))) : Optional.empty();
    }

    @Override
    public final void noReply() {
        noReply = true;
    }

    /** A requester that wants no frames hears nothing before the reply. */
    @Override
    public void accept() {}

    @Override
    public void progress(Message progress) {
        ControlCodec.checkUserHeaders(progress);
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public void onCancel(Runnable action) {
        Objects.requireNonNull(action, "action");
    }

    /** Its handler is about to be called. */
    void begun() {}

    // -- Time --

    final boolean hasDeadline() {
        return hasDeadline;
    }

    final long deadline() {
        return deadline;
    }

    final long nanosLeft(long now) {
        return deadline - now;
    }

    boolean isExpired(long now) {
        return hasDeadline && nanosLeft(now) <= 0;
    }

    // -- The answer --

    /** Claims the right to answer; false if it was answered. */
    boolean beginAnswer() {
        return STATE.compareAndSet(this, OPEN, ANSWERED);
    }

    /** Answers with a handler's reply; null is an empty one. */
    void answer(@Nullable Message reply) {
        if (!beginAnswer()) {
            return;
        }
        Message checked;
        try {
            checked = reply == null ? Message.empty() : ControlCodec.checkUserHeaders(reply);
        } catch (AntiphonException invalid) {
            checked = ControlCodec.errorReply(invalid);
        }
        send(decorated(checked));
    }

    /** Answers with a message of the engine's. */
    final void answerAsIs(Message reply) {
        if (beginAnswer()) {
            send(reply);
        }
    }

    /** What is sent in place of a reply. */
    Message decorated(Message reply) {
        return reply;
    }

    final @Nullable ReplyAddress replyAddress() {
        return inbound.replyAddress();
    }

    final InboundMessage inbound() {
        return inbound;
    }

    /** Answers with an error reply. */
    void answerError(Message errorReply) {
        if (beginAnswer()) {
            send(decorated(errorReply));
        }
    }

    private void send(Message reply) {
        send(reply, this);
    }

    /** Sends a message to the requester, unless it wants none any more. */
    final void send(Message reply, SendCallback callback) {
        ReplyAddress address = replyAddress();
        if (address == null || noReply) {
            callback.onSent();
            return;
        }
        try {
            long timeToLive = hasDeadline && responder.transportExpires() ? Math.max(1, nanosLeft(responder.now())) : 0;
            responder.transport().reply(address, new OutboundMessage(inbound.subject(), reply, timeToLive), callback);
        } catch (AntiphonException failure) {
            callback.onFailed(failure);
        } catch (RuntimeException failure) {
            callback.onFailed(new AntiphonException(ErrorCode.INTERNAL, "the transport failed: " + failure, failure));
        }
    }

    @Override
    public void onSent() {
        settle();
    }

    @Override
    public void onFailed(AntiphonException failure) {
        boolean replaceable = failure.code() == ErrorCode.TOO_LARGE || failure.code() == ErrorCode.INVALID_ARGUMENT;
        if (replaceable && STATE.compareAndSet(this, ANSWERED, ANSWERED_WITH_ERROR)) {
            send(decorated(
                    ControlCodec.errorReply(failure.code(), "the reply can not be sent: " + failure.getMessage())));
        } else {
            responder.replyFailed(this, failure);
            settle();
        }
    }

    /** Without an answer: it expired, or nobody wants one. */
    void drop() {
        if (beginAnswer()) {
            settle();
        }
    }

    private void settle() {
        if ((int) STATE.getAndSet(this, SETTLED) != SETTLED) {
            settled();
            inbound.settle(InboundMessage.Settlement.ACCEPT);
            responder.done(this);
        }
    }

    /** It is done with. */
    void settled() {}

    /** The responder leaves, and the handler will not be waited for. */
    final void goAway() {
        Object first = sentinel instanceof WeakReference<?> reference ? reference.get() : null;
        (first instanceof InboundRequest original ? original : this).answerError(ControlCodec.goingAway());
    }

    /** Whether this is the second object for a request. */
    final boolean standsFor(InboundRequest request) {
        return sentinel instanceof WeakReference<?> reference && reference.get() == request;
    }

    /** Keeps the responder from holding this object. */
    final void letStandIn(InboundRequest substitute) {
        responder.replace(this, substitute);
    }

    InboundRequest copy() {
        return new InboundRequest(responder, inbound, hasDeadline, deadline);
    }

    /** The same request in another object, for the answer to one whose object was lost. */
    final InboundRequest again() {
        InboundRequest substitute = copy();
        substitute.holdsPlace = holdsPlace;
        substitute.handled = true;
        substitute.slot = slot;
        return substitute;
    }

    @Override
    public String toString() {
        return "Request[" + subject() + "]";
    }
}
