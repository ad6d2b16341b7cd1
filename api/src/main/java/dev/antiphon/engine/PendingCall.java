package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.spi.CorrelationId;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.SendCallback;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One request in flight: the table's entry, the timer's node, the send's callback and the caller's {@link Call}, in one
 * object.
 *
 * <h2>One owner</h2>
 *
 * Reply, timer, cancellation, close, failed send and lost connection race in {@link #end}. The one that moves
 * {@code ending} away from {@code IN_FLIGHT} wins and does the clean-up, in one place ({@link Requester#release}); the
 * others learn that they lost.
 *
 * <h2>Who is told, and where</h2>
 *
 * The winner publishes {@code outcome} and then looks for somebody to tell. A thread in {@link #join} is just unparked:
 * that runs no user code, so it is safe on a transport's thread, and saves a hand-over. Dependents hang on {@code stage},
 * a future that is made only when it is asked for; it is completed on the completion executor. Whoever makes the stage
 * looks at {@code outcome} afterwards, and completes it himself if it is there: as both sides write first and read then,
 * at least one of them sees the other.
 */
class PendingCall extends TimerNode implements CallStage, SendCallback, Runnable {

    private static final int IN_FLIGHT = -1;

    /** Not handed to the transport, or refused by it before anything was sent. */
    private static final int UNSENT = 0;
    /** Being handed to the transport. */
    private static final int SENDING = 1;
    /** Handed over; it may have been handled. */
    private static final int SENT = 2;
    /** Being handed to the transport, while what was to bring its reply was lost. */
    private static final int SENDING_IN_VAIN = 3;

    private static final VarHandle ENDING;
    private static final VarHandle WAITER;
    private static final VarHandle STAGE;
    private static final VarHandle SENDING_STATE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ENDING = lookup.findVarHandle(PendingCall.class, "ending", int.class);
            WAITER = lookup.findVarHandle(PendingCall.class, "waiter", Thread.class);
            STAGE = lookup.findVarHandle(PendingCall.class, "stage", CompletableFuture.class);
            SENDING_STATE = lookup.findVarHandle(PendingCall.class, "sendingState", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    // -- What was asked; written before the call is published --

    final Requester requester;
    private final String subject;
    private final long timeoutNanos;
    private final DisconnectPolicy onDisconnect;
    private long correlationId;

    // -- How far it got --

    private @Nullable Message message;
    private int sentInEpoch;
    private volatile int sendingState;
    private volatile int ending = IN_FLIGHT;
    private volatile @Nullable Object outcome;

    // -- Who is to be told --

    private volatile @Nullable Thread waiter;
    private volatile @Nullable CompletableFuture<Message> stage;

    PendingCall(
            Requester requester,
            String subject,
            Message message,
            long deadline,
            long timeoutNanos,
            DisconnectPolicy onDisconnect) {
        super(deadline);
        this.requester = requester;
        this.subject = subject;
        this.message = message;
        this.timeoutNanos = timeoutNanos;
        this.onDisconnect = onDisconnect;
    }

    void assignId(long id) {
        correlationId = id;
    }

    long correlationId() {
        return correlationId;
    }

    long timeoutNanos() {
        return timeoutNanos;
    }

    /** The request as it is to be sent; null once nobody will send it again. */
    @Nullable
    Message message() {
        return message;
    }

    @Override
    public String id() {
        return CorrelationId.toText(correlationId);
    }

    @Override
    public String subject() {
        return subject;
    }

    // -- Sending --

    /** Claims the right to send it now; false if somebody else has it, it was sent, or the call has ended. */
    boolean beginSending(int epoch) {
        if (isEnded() || !SENDING_STATE.compareAndSet(this, UNSENT, SENDING)) {
            return false;
        }
        sentInEpoch = epoch;
        return true;
    }

    @Override
    public void onSent() {
        int before = (int) SENDING_STATE.getAndSet(this, SENT);
        if (onDisconnect != DisconnectPolicy.RESEND) {
            message = null;
        }
        if (before == SENDING_IN_VAIN) {
            replyAddressLost();
        }
    }

    @Override
    public void onFailed(AntiphonException failure) {
        if (failure.code() == ErrorCode.NOT_CONNECTED && onDisconnect != DisconnectPolicy.FAIL) {
            int epoch = sentInEpoch; // read before the state lets another thread send it
            sendingState = UNSENT;
            requester.waitForConnection(this, epoch);
        } else {
            end(Ending.FAILED, failure.about(subject, id()));
        }
    }

    /** The connection was lost. */
    void connectionLost(@Nullable Throwable cause) {
        if (onDisconnect == DisconnectPolicy.FAIL && wasSent()) {
            end(Ending.FAILED, lost("the connection was lost while the request was in flight", cause));
        }
    }

    /** Replies to what was sent so far will not arrive. */
    void replyAddressLost() {
        if (!wasSent()) {
            return;
        }
        if (onDisconnect == DisconnectPolicy.RESEND) {
            sendingState = UNSENT;
            requester.sendAgain(this);
        } else {
            end(Ending.FAILED, lost("the address of its reply was lost with the connection", null));
        }
    }

    /** Whether it was sent already. If it is just being sent, {@link #onSent} will see that that was in vain. */
    private boolean wasSent() {
        return !SENDING_STATE.compareAndSet(this, SENDING, SENDING_IN_VAIN) && sendingState == SENT;
    }

    /** The connection is back: what was sent before may be sent again, if it may. */
    void connectionRestored() {
        if (onDisconnect == DisconnectPolicy.RESEND) {
            SENDING_STATE.compareAndSet(this, SENT, UNSENT);
        }
    }

    private AntiphonException lost(String what, @Nullable Throwable cause) {
        return new AntiphonException(ErrorCode.CONNECTION_LOST, what, cause, true, subject, id());
    }

    /** Whether it was sent, or is being sent: it may have been handled. */
    final boolean mayHaveExecuted() {
        return sendingState != UNSENT;
    }

    /** Sends this once more, under the same id, if there is time left. */
    final void sendOnceMore(Message request) {
        message = request;
        sendingState = UNSENT;
        requester.sendAgain(this);
    }

    // -- Receiving --

    /** Takes a message that came for it; false if nobody was waiting for it. */
    boolean receive(Message reply, @Nullable ReplyAddress from) {
        AntiphonException error = ControlCodec.error(reply);
        return error == null
                ? end(Ending.REPLIED, ControlCodec.withoutControlHeaders(reply))
                : end(Ending.REPLIED_ERROR, error.about(subject, id()));
    }

    /** Nobody serves the subject. */
    void noResponders() {
        end(
                Ending.NO_RESPONDERS,
                new AntiphonException(
                        ErrorCode.NO_RESPONDERS, "nobody serves this subject", null, false, subject, id()));
    }

    // -- Ending --

    @Override
    final boolean isEnded() {
        return ending != IN_FLIGHT;
    }

    /** How it ended; only for a call that has. */
    Ending ending() {
        return Ending.at(ending);
    }

    /**
     * Ends the call, unless it has ended.
     *
     * @param result the reply or an {@link AntiphonException}
     * @return whether this was the end
     */
    boolean end(Ending how, Object result) {
        if (!ENDING.compareAndSet(this, IN_FLIGHT, how.code())) {
            return false;
        }
        requester.release(this, how);
        tell(result);
        return true;
    }

    /** Ends a call that never was in the table. */
    void endUnregistered(Ending how, AntiphonException failure) {
        ending = how.code();
        tell(failure);
    }

    private void tell(Object result) {
        message = null;
        outcome = result;
        Thread waiting = waiter;
        if (waiting != null) {
            LockSupport.unpark(waiting);
        }
        if (stage != null) {
            requester.complete(this);
        }
    }

    @Override
    void timeOut() {
        if (!isEnded()) {
            end(Ending.TIMED_OUT, requester.timeoutOf(this, mayHaveExecuted()));
        }
    }

    @Override
    public boolean cancel() {
        return !isEnded()
                && end(
                        Ending.CANCELLED,
                        new AntiphonException(
                                ErrorCode.CANCELLED,
                                "the caller cancelled the request",
                                null,
                                sendingState != UNSENT,
                                subject,
                                id()));
    }

    /** As what its ending is remembered, to tell what comes too late what it is. */
    Ending remembered(Ending how) {
        return how;
    }

    // -- Waiting --

    @Override
    public boolean isDone() {
        return outcome != null;
    }

    @Override
    public Message join() {
        Object result = outcome;
        if (result == null) {
            result = await();
        }
        if (result instanceof AntiphonException failure) {
            throw failure.thrownHere();
        }
        return (Message) result;
    }

    private Object await() {
        if (!WAITER.compareAndSet(this, null, Thread.currentThread())) {
            return awaitStage();
        }
        Object result = outcome;
        if (result != null) {
            return result;
        }
        WorkerPool.Blocking blocking = WorkerPool.beginBlocking();
        try {
            while ((result = outcome) == null) {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    cancel();
                    Thread.currentThread().interrupt();
                    return awaitOutcome();
                }
            }
            return result;
        } finally {
            blocking.end();
        }
    }

    /** For a second thread that waits for the same call. */
    private Object awaitStage() {
        try {
            stage().get();
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException e) {
            // the outcome tells
        }
        return awaitOutcome();
    }

    /** The outcome of a call that has ended: at most moments away, on the thread that ended it. */
    private Object awaitOutcome() {
        Object result;
        while ((result = outcome) == null) {
            Thread.onSpinWait();
        }
        return result;
    }

    // -- Dependents --

    @Override
    public CompletableFuture<Message> stage() {
        CompletableFuture<Message> present = stage;
        if (present != null) {
            return present;
        }
        CompletableFuture<Message> fresh = new CompletableFuture<>();
        if (!STAGE.compareAndSet(this, null, fresh)) {
            return java.util.Objects.requireNonNull(stage);
        }
        if (outcome != null) {
            run();
        }
        return fresh;
    }

    /** Completes the stage: runs the dependents. */
    @Override
    public void run() {
        CompletableFuture<Message> future = stage;
        if (future == null) {
            return;
        }
        if (outcome instanceof AntiphonException failure) {
            future.completeExceptionally(failure);
        } else {
            future.complete((Message) outcome);
        }
    }

    @Override
    public CompletableFuture<Message> toCompletableFuture() {
        return CallFuture.of(this);
    }

    @Override
    public String toString() {
        return "Call[" + id() + " to " + subject + ", " + (isEnded() ? ending() : "in flight") + "]";
    }
}
