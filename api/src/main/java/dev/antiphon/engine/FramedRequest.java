package dev.antiphon.engine;

import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.SendCallback;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request whose requester understands frames: it is told when a handler begins, and can cancel.
 *
 * <p>Its first frame registers it with {@link Exchanges} and carries the way back; the end of the request removes it. What
 * the requester says arrives on the transport's thread and is passed on to threads that may run user code.
 */
final class FramedRequest extends InboundRequest {

    private final Responder responder;
    private final Wants wants;
    private final Object lock = new Object();

    // -- Guarded by the lock --

    private long exchange;
    private boolean over;
    private boolean cancelled;
    private @Nullable Thread handlerThread;
    private @Nullable Set<Runnable> onCancel;

    /** What names its work at the responder's store, if this request is the one that does it. */
    private volatile @Nullable String dedupKey;

    /** Gets what concerns the stream, if this request is answered with one. */
    private volatile @Nullable StreamSource stream;

    /** What a stream has to know of its requester. */
    interface StreamSource {
        /** The requester takes this many items in all, or is just alive. */
        void credited(long total);

        /** The requester has lost interest. */
        void cancelled();

        /** The request is done with. */
        void stop();
    }

    FramedRequest(Responder responder, InboundMessage inbound, boolean hasDeadline, long deadline, Wants wants) {
        super(responder, inbound, hasDeadline, deadline);
        this.responder = responder;
        this.wants = wants;
    }

    Wants wants() {
        return wants;
    }

    // -- What the handler may say --

    @Override
    void begun() {
        if (wants.noReply()) {
            noReply();
        }
        if (responder.acceptsAtOnce()) {
            accept();
        }
    }

    @Override
    public void accept() {
        if (wants.accepted() && enter() > 0) {
            say(new Frame(Frame.Kind.ACCEPTED, 0, exchange()).alone());
        }
    }

    @Override
    public void progress(Message message) {
        ControlCodec.checkUserHeaders(message);
        if (wants.progress() && enter() >= 0) {
            say(new Frame(Frame.Kind.PROGRESS, 0, exchange()).on(message));
        }
    }

    /** Makes it found by its requester: 1 if it was not, 0 if it was already, -1 if it is over. */
    private int enter() {
        synchronized (lock) {
            if (over || cancelled) {
                return -1;
            }
            if (exchange != 0) {
                return 0;
            }
            exchange = responder.exchanges().add(this);
            return 1;
        }
    }

    private long exchange() {
        synchronized (lock) {
            return exchange;
        }
    }

    /** Sends a frame with the way back. */
    void say(Message frame) {
        ReplyAddress to = replyAddress();
        if (to != null) {
            responder.exchanges().send(to, subject(), frame, exchange());
        }
    }

    /** Sends a frame with the way back, and tells how that went. */
    void say(Message frame, SendCallback callback) {
        ReplyAddress to = replyAddress();
        if (to != null) {
            responder.exchanges().send(to, new OutboundMessage(subject(), frame, 0), exchange(), callback);
        }
    }

    /** A frame of this handling of the request. */
    Frame frame(Frame.Kind kind, long number) {
        return new Frame(kind, number, exchange());
    }

    // -- What the requester says --

    /** The requester has lost interest. */
    void cancelled() {
        Set<Runnable> actions;
        synchronized (lock) {
            if (over || cancelled) {
                return;
            }
            cancelled = true;
            actions = onCancel;
            onCancel = null;
            noReply(); // before the interruption: a handler that ends at once has nobody to answer any more
            if (handlerThread != null && responder.interruptsOnCancel()) {
                handlerThread.interrupt();
            }
        }
        responder.counters().requestsCancelled.increment();
        StreamSource source = stream;
        if (source != null) {
            source.cancelled();
        }
        if (actions != null) {
            List.copyOf(actions).forEach(this::runSoon);
        }
    }

    void credited(long total) {
        StreamSource source = stream;
        if (source == null) {
            responder.counters().framesIgnored.increment();
        } else {
            source.credited(total);
        }
    }

    /** Begins to answer with a stream. */
    StreamEmission newStream(Wants.Flow flow) {
        return new StreamEmission(responder, this, flow).start();
    }

    /** What the requester says goes to this stream from now on. */
    void streamTo(StreamSource source) {
        stream = source;
        if (isCancelled()) {
            source.cancelled();
        }
    }

    @Override
    public boolean isCancelled() {
        synchronized (lock) {
            return cancelled;
        }
    }

    @Override
    public void onCancel(Runnable action) {
        synchronized (lock) {
            if (over) {
                return;
            }
            if (!cancelled) {
                onCancel = onCancel == null ? new LinkedHashSet<>(4) : onCancel;
                onCancel.add(action);
                return;
            }
        }
        runSoon(action);
    }

    /** What was said with {@link #onCancel} has no meaning any more. */
    void forgetOnCancel(Runnable action) {
        synchronized (lock) {
            if (onCancel != null) {
                onCancel.remove(action);
            }
        }
    }

    private void runSoon(Runnable action) {
        responder.runSoon(action, this);
    }

    // -- The handler's thread --

    @Override
    public void run() {
        synchronized (lock) {
            handlerThread = Thread.currentThread();
        }
        try {
            super.run();
        } finally {
            leaveThread();
        }
    }

    @Override
    boolean beginAnswer() {
        boolean begun = super.beginAnswer();
        leaveThread();
        return begun;
    }

    /** From now on an interruption would hit what is none of the handler's business. */
    private void leaveThread() {
        synchronized (lock) {
            if (handlerThread == Thread.currentThread()) {
                handlerThread = null;
                if (cancelled && responder.interruptsOnCancel()) {
                    Thread.interrupted();
                }
            } else {
                handlerThread = null;
            }
        }
    }

    // -- The answer --

    /** It does the work of this name: what it is answered with is the answer to its duplicates, too. */
    void answersFor(String key) {
        dedupKey = key;
    }

    private void answerDuplicates(@Nullable Message reply) {
        String key = dedupKey;
        DedupStore store = responder.dedup();
        if (key == null || store == null) {
            return;
        }
        dedupKey = null;
        boolean error = reply == null || reply.headers().contains(ControlHeaders.ERROR);
        for (FramedRequest duplicate : store.end(key, error ? null : reply)) {
            if (reply == null || error) {
                duplicate.answerError(reply == null ? ControlCodec.goingAway() : reply);
            } else {
                duplicate.answer(reply);
            }
        }
    }

    @Override
    Message decorated(Message reply) {
        answerDuplicates(reply);
        Message decorated =
                wants.bodiless() && !reply.headers().contains(ControlHeaders.ERROR) ? Message.empty() : reply;
        return wants.responder()
                ? decorated.withHeaders(decorated.headers().with(ControlHeaders.RESPONDER, responder.identity()))
                : decorated;
    }

    @Override
    void settled() {
        answerDuplicates(null);
        long id;
        synchronized (lock) {
            over = true;
            onCancel = null;
            id = exchange;
        }
        if (id != 0) {
            responder.exchanges().remove(id);
        }
        StreamSource source = stream;
        if (source != null) {
            source.stop();
        }
    }

    @Override
    InboundRequest copy() {
        FramedRequest copy = new FramedRequest(responder, inbound(), hasDeadline(), deadline(), wants);
        synchronized (lock) {
            copy.exchange = exchange;
        }
        return copy;
    }
}
