package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.StreamEmitter;
import dev.antiphon.spi.SendCallback;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The responder's end of a stream of replies: numbers the items, sends them as far as there is credit, and watches over
 * the signs of life of the requester.
 *
 * <p>Frames are numbered and queued under the lock and sent outside of it, by one thread at a time: so they leave in order,
 * and a transport that delivers on the sending thread does not do so under our lock. The queue is bounded by the credit.
 */
final class StreamEmission implements StreamEmitter, FramedRequest.StreamSource, SendCallback {

    /** A frame to send, how many items come before it, and whether it is the last. */
    private record Outgoing(Message frame, long number, boolean last) {}

    private final Responder responder;
    private final FramedRequest request;
    private final long gapNanos;
    private final CompletableFuture<@Nullable Message> ended = new CompletableFuture<>();
    private final ConcurrentLinkedQueue<Outgoing> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger sending = new AtomicInteger();
    private final AtomicInteger creditCalls = new AtomicInteger();
    /** The number of the item that was handed to the transport last. */
    private volatile long latest;

    // -- Guarded by this --

    private long next;
    private long allowed;
    private boolean over;
    private long lastHeard;
    private long lastSaid;
    private @Nullable Runnable onCredit;
    private Alarms.@Nullable Alarm alarm;

    StreamEmission(Responder responder, FramedRequest request, Wants.Flow flow) {
        this.responder = responder;
        this.request = request;
        allowed = flow.credit();
        gapNanos = TimeUnit.MILLISECONDS.toNanos(flow.gapMillis());
    }

    /** Tells the requester that its stream begins. */
    StreamEmission start() {
        synchronized (this) {
            lastHeard = responder.alarms().now();
            lastSaid = lastHeard;
            setAlarm();
        }
        request.accept(); // also where the handler would say so: without the way back there is no credit
        request.streamTo(this);
        return this;
    }

    /** Ends with the stream, however. */
    CompletableFuture<@Nullable Message> ended() {
        return ended;
    }

    // -- The handler's side --

    @Override
    public boolean trySend(Message item) {
        ControlCodec.checkUserHeaders(item);
        synchronized (this) {
            if (over || next >= allowed) {
                return false;
            }
            queue.add(new Outgoing(request.frame(Frame.Kind.ITEM, next).on(item), next, false));
            next++;
        }
        drain();
        return true;
    }

    @Override
    public boolean awaitCredit() throws InterruptedException {
        WorkerPool.Blocking blocking = WorkerPool.beginBlocking();
        try {
            synchronized (this) {
                while (!over && next >= allowed) {
                    wait();
                }
                return !over;
            }
        } finally {
            blocking.end();
        }
    }

    @Override
    public synchronized long credit() {
        return over ? 0 : Math.max(0, allowed - next);
    }

    @Override
    public void onCredit(Runnable action) {
        synchronized (this) {
            onCredit = action;
        }
        tellCredit();
    }

    @Override
    public boolean isCancelled() {
        return request.isCancelled();
    }

    @Override
    public void onCancel(Runnable action) {
        request.onCancel(action);
    }

    @Override
    public void complete() {
        finish(null);
    }

    @Override
    public void fail(Throwable failure) {
        finish(failure);
    }

    private void finish(@Nullable Throwable failure) {
        synchronized (this) {
            finish(failure, next);
        }
        drain();
    }

    /** Called under the lock. */
    private void finish(@Nullable Throwable failure, long items) {
        if (over) {
            return;
        }
        over = true;
        Message last = failure == null
                ? request.frame(Frame.Kind.END, items).alone()
                : request.frame(Frame.Kind.ERROR, items).on(ControlCodec.errorReply(failure));
        queue.add(new Outgoing(last, items, true));
        notifyAll();
    }

    // -- Sending --

    private void drain() {
        if (sending.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            Outgoing outgoing;
            while ((outgoing = queue.poll()) != null) {
                send(outgoing);
            }
            seen = sending.addAndGet(-seen);
        } while (seen != 0);
    }

    private void send(Outgoing outgoing) {
        if (outgoing.last) {
            request.answerAsIs(outgoing.frame);
            return;
        }
        synchronized (this) {
            lastSaid = responder.alarms().now();
        }
        latest = outgoing.number;
        request.send(outgoing.frame, this);
    }

    @Override
    public void onSent() {}

    /**
     * An item could not be sent. The requester would find it missing; better that it hears why, if it can. What a transport refuses
     * for what it is, it refuses at once, so that it is the latest.
     */
    @Override
    public void onFailed(AntiphonException failure) {
        boolean ours = failure.code() == ErrorCode.TOO_LARGE || failure.code() == ErrorCode.INVALID_ARGUMENT;
        if (ours) {
            synchronized (this) {
                if (!over) {
                    queue.clear();
                    finish(failure, latest);
                }
            }
            drain();
        } else {
            request.cancelled();
        }
    }

    // -- The requester's side --

    @Override
    public void credited(long total) {
        boolean more;
        synchronized (this) {
            lastHeard = responder.alarms().now();
            more = total > allowed;
            if (more) {
                allowed = total;
                notifyAll();
            }
        }
        if (more) {
            tellCredit();
        }
    }

    /** One run at a time; credit that comes meanwhile makes for one more. */
    private void tellCredit() {
        Runnable action;
        synchronized (this) {
            action = onCredit;
        }
        if (action != null && creditCalls.getAndIncrement() == 0) {
            responder.runSoon(
                    () -> {
                        int seen = creditCalls.get();
                        do {
                            action.run();
                            seen = creditCalls.addAndGet(-seen);
                        } while (seen != 0);
                    },
                    request);
        }
    }

    @Override
    public void cancelled() {
        stop();
        request.drop();
    }

    /** The request is done with. */
    @Override
    public void stop() {
        synchronized (this) {
            over = true;
            if (alarm != null) {
                alarm.cancel();
            }
            notifyAll();
        }
        ended.complete(null);
    }

    // -- Signs of life --

    /** Called under the lock. */
    private void setAlarm() {
        alarm = responder.alarms().set(gapNanos / StreamCall.SIGNS_PER_GAP, this::check);
    }

    private void check() {
        boolean dead;
        boolean quiet;
        synchronized (this) {
            if (over) {
                return;
            }
            long now = responder.alarms().now();
            dead = now - lastHeard >= gapNanos;
            quiet = now - lastSaid >= gapNanos / StreamCall.SIGNS_PER_GAP;
            lastSaid = quiet ? now : lastSaid;
            if (!dead) {
                setAlarm();
            }
        }
        if (dead) {
            request.cancelled();
        } else if (quiet) {
            request.say(request.frame(Frame.Kind.ACCEPTED, 0).alone());
        }
    }
}
