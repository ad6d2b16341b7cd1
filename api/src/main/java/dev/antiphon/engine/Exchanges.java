package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.SendCallback;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests being handled whose requester may say something more: to cancel them, or to take more items. They are found by
 * an id of the same kind as a call's, which their first frame told the requester as its way back.
 *
 * <p>An entry does not keep its request alive: a handler that drops a request must be found out ({@link DropDetector}).
 */
final class Exchanges {

    private static final SendCallback NOBODY_CARES = new SendCallback() {
        @Override
        public void onSent() {}

        @Override
        public void onFailed(AntiphonException failure) {
            // the other side hears nothing, and acts on that
        }
    };

    private final LongSupplier ids;
    private final Counters counters;
    private final Alarms alarms;
    private final ConcurrentHashMap<Long, WeakReference<FramedRequest>> open = new ConcurrentHashMap<>();
    private volatile @Nullable ReplyChannel channel;

    Exchanges(LongSupplier ids, Counters counters, Alarms alarms) {
        this.ids = ids;
        this.counters = counters;
        this.alarms = alarms;
    }

    void open(ReplyChannel newChannel) {
        channel = newChannel;
    }

    /** Makes a request found by an id, which is returned. */
    long add(FramedRequest request) {
        long id;
        do {
            id = ids.getAsLong();
        } while (id == 0 || open.putIfAbsent(id, new WeakReference<>(request)) != null);
        return id;
    }

    void remove(long id) {
        open.remove(id);
    }

    Alarms alarms() {
        return alarms;
    }

    int size() {
        return open.size();
    }

    /** Takes a frame from a requester; false if no request has this id. */
    boolean receive(long id, Message message) {
        WeakReference<FramedRequest> entry = open.get(id);
        FramedRequest request = entry == null ? null : entry.get();
        Frame frame = request == null ? null : Frame.of(message);
        if (request == null || frame == null) {
            return false;
        }
        switch (frame.kind()) {
            case CANCEL -> request.cancelled();
            case CREDIT -> request.credited(frame.number());
            default -> counters.framesIgnored.increment();
        }
        return true;
    }

    /** The broker says that nobody listens at the requester's address any more. */
    void requesterGone(long id) {
        WeakReference<FramedRequest> entry = open.get(id);
        FramedRequest request = entry == null ? null : entry.get();
        if (request != null) {
            request.cancelled();
        }
    }

    /** Sends a frame, whose receiver may answer to {@code id}. */
    void send(ReplyAddress to, String subject, Message frame, long id) {
        send(to, new OutboundMessage(subject, frame, 0), id, NOBODY_CARES);
    }

    /** Sends a frame, whose receiver may answer to {@code id}. */
    void send(ReplyAddress to, OutboundMessage frame, long id, SendCallback callback) {
        ReplyChannel through = channel;
        if (through == null) {
            callback.onFailed(new AntiphonException(ErrorCode.NOT_CONNECTED, "the messenger has not started"));
            return;
        }
        try {
            through.reply(to, frame, id, callback);
        } catch (AntiphonException failure) {
            callback.onFailed(failure);
        } catch (RuntimeException failure) {
            callback.onFailed(new AntiphonException(ErrorCode.INTERNAL, "the transport failed: " + failure, failure));
        }
    }
}
