package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.spi.ReplyAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The requester's end of a stream of replies. It checks that the items come in order, each once and none missing, gives
 * the responder credit for as many as there is room for, and watches over its signs of life.
 *
 * <p>Credit is told as the number of items from the beginning of the stream, so that a lost or repeated CREDIT does no
 * harm. It is repeated as a sign of life.
 */
final class StreamCall extends FramedCall {

    /** How many signs of life each side gives within the gap timeout. */
    static final int SIGNS_PER_GAP = 4;

    private final StreamSink sink;
    private final int window;
    private final long gapNanos;

    // -- Guarded by this --

    /** Which handling of the request the items are taken from: that of the first responder. */
    private long exchange;

    private long next;
    private long granted;
    private long lastHeard;
    private boolean heard;
    private Alarms.@Nullable Alarm alarm;

    StreamCall(StreamSink sink, Requester requester, String subject, Message message, Terms terms, Wants.Flow flow) {
        super(requester, subject, message, terms);
        this.sink = sink;
        window = (int) flow.credit();
        gapNanos = TimeUnit.MILLISECONDS.toNanos(flow.gapMillis());
        granted = window;
    }

    @Override
    void registered() {
        super.registered();
        synchronized (this) {
            lastHeard = requester.alarms().now();
            setAlarm();
        }
        sink.registered(this);
    }

    // -- Receiving, on the transport's threads --

    @Override
    boolean receive(Frame frame, Message content, @Nullable ReplyAddress from) {
        if (!isOfTheResponder(frame)) {
            requester.ignored();
            if (from != null) {
                cancelAt(from);
            }
            return true;
        }
        accepted(from);
        switch (frame.kind()) {
            case ACCEPTED, PROGRESS -> {
                // a sign of life
            }
            case ITEM -> item(frame.number(), content);
            case END -> endOfStream(frame.number());
            case ERROR -> error(frame.number(), content);
            default -> requester.ignored();
        }
        return true;
    }

    private synchronized boolean isOfTheResponder(Frame frame) {
        if (exchange == 0) {
            exchange = frame.exchange();
        }
        if (exchange != frame.exchange()) {
            return false;
        }
        heard = true;
        lastHeard = requester.alarms().now();
        return true;
    }

    private void item(long number, Message content) {
        AntiphonException failure = null;
        synchronized (this) {
            if (number < next || isEnded()) {
                requester.ignored(); // a duplicate
            } else if (number > next) {
                failure = failure(ErrorCode.DATA_LOSS, "item " + next + " of the stream is missing");
            } else if (number >= granted) {
                failure = failure(ErrorCode.RESOURCE_EXHAUSTED, "the responder sent more than it had credit for");
            } else {
                next++;
                sink.add(ControlCodec.withoutControlHeaders(content)); // in order, because under the lock
            }
        }
        if (failure == null) {
            sink.drain();
        } else {
            end(Ending.FAILED, failure);
        }
    }

    private void endOfStream(long count) {
        if (isComplete(count, null)) {
            end(Ending.REPLIED, Message.empty());
        }
    }

    private void error(long count, Message content) {
        AntiphonException error = ControlCodec.error(content);
        if (isComplete(count, error)) {
            end(
                    Ending.REPLIED_ERROR,
                    error == null
                            ? failure(ErrorCode.DATA_LOSS, "the stream ended with an error that can not be read")
                            : error.about(subject(), id()));
        }
    }

    /** Whether so many items have come as the responder has sent; if not, that ends the stream. */
    private boolean isComplete(long count, @Nullable AntiphonException error) {
        long had;
        synchronized (this) {
            had = next;
        }
        if (had != count) {
            String what = "the stream had " + count + " items, and " + had + " arrived";
            end(
                    Ending.FAILED,
                    new AntiphonException(ErrorCode.DATA_LOSS, what, error, mayHaveExecuted(), subject(), id()));
        }
        return had == count;
    }

    /** Of a responder that knows no streams, or can not serve: the only item, or an error. */
    @Override
    boolean receiveReply(Message reply) {
        if (ControlCodec.error(reply) != null) {
            return super.receiveReply(reply);
        }
        synchronized (this) {
            if (next > 0 || isEnded()) {
                return false;
            }
            next++;
            sink.add(ControlCodec.withoutControlHeaders(reply));
        }
        return end(Ending.REPLIED, Message.empty());
    }

    @Override
    void noResponders() {
        boolean known;
        synchronized (this) {
            known = heard;
        }
        if (known) {
            end(Ending.FAILED, failure(ErrorCode.UNAVAILABLE, "the responder has gone"));
        } else {
            super.noResponders();
        }
    }

    // -- Sending credit and signs of life --

    /** So many items were consumed since the beginning. */
    void consumed(long count) {
        synchronized (this) {
            if (count + window - granted < Math.max(1, window / 2)) {
                return;
            }
            granted = count + window;
        }
        sayCredit();
    }

    private void sayCredit() {
        ReplyAddress to = responder();
        if (to != null && !isEnded()) {
            long total;
            synchronized (this) {
                total = granted;
            }
            say(to, new Frame(Frame.Kind.CREDIT, total, 0));
        }
    }

    /** Called under the lock. */
    private void setAlarm() {
        if (!isEnded()) {
            long silent = requester.alarms().now() - lastHeard;
            alarm = requester.alarms().set(Math.min(gapNanos / SIGNS_PER_GAP, gapNanos - silent), this::check);
        }
    }

    private void check() {
        boolean dead;
        synchronized (this) {
            dead = requester.alarms().now() - lastHeard >= gapNanos;
            if (!dead) {
                setAlarm();
            }
        }
        if (dead) {
            end(
                    Ending.TIMED_OUT,
                    failure(
                            ErrorCode.TIMEOUT,
                            "nothing was heard of the responder for " + TimeUnit.NANOSECONDS.toMillis(gapNanos)
                                    + " ms"));
        } else {
            sayCredit();
        }
    }

    private AntiphonException failure(ErrorCode code, String what) {
        return new AntiphonException(code, what, null, mayHaveExecuted(), subject(), id());
    }

    // -- Ending --

    @Override
    boolean end(Ending how, Object result) {
        if (!super.end(how, result)) {
            return false;
        }
        synchronized (this) {
            if (alarm != null) {
                alarm.cancel();
            }
        }
        sink.end(result instanceof AntiphonException failure ? failure : null);
        return true;
    }

    @Override
    void endUnregistered(Ending how, AntiphonException failure) {
        super.endUnregistered(how, failure);
        sink.end(failure);
    }
}
