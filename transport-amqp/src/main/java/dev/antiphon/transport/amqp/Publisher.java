package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.ShutdownSignalException;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SendCallback;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what asks for no reply, on a channel of its own with publisher confirms: a publication ends when the broker
 * has confirmed it. Nobody waits for a single confirm; the broker sends one for many.
 */
final class Publisher implements Resident {

    private final AmqpLink link;
    private final Settings settings;
    private final Refusals refusals;
    private final MessageCodec codec = new MessageCodec();
    private final Unconfirmed unconfirmed = new Unconfirmed();

    /** Changed, and sent on, with the lock of this object. */
    private volatile @Nullable Lane lane;

    private volatile @Nullable Session session;

    Publisher(AmqpLink link, Settings settings, Refusals refusals) {
        this.link = link;
        this.settings = settings;
        this.refusals = refusals;
    }

    @Override
    public void attach(Session to) throws IOException {
        synchronized (this) {
            if (session == to && lane != null && lane.isOpen()) {
                return;
            }
        }
        Lane fresh = to.openLane();
        fresh.channel.addConfirmListener(
                (number, multiple) -> confirmed(fresh, number, multiple, null),
                (number, multiple) -> confirmed(
                        fresh,
                        number,
                        multiple,
                        new AntiphonException(ErrorCode.UNAVAILABLE, "the broker could not take the message (nack)")));
        fresh.channel.confirmSelect();
        synchronized (this) {
            unconfirmed.reset();
            lane = fresh;
            session = to;
        }
        fresh.channel.addShutdownListener(signal -> closed(fresh, signal));
    }

    void publish(OutboundMessage message, SendCallback callback) {
        String key = settings.plainQueues() ? message.subject() : RoutingKeys.ofSubject(message.subject());
        MessageCodec.checkShort("subject", key);
        BasicProperties properties =
                codec.publication(message.message(), settings.persistent(), message.timeToLiveNanos());
        AntiphonException failure = publish(lane, key, message, properties, callback);
        if (failure != null) {
            callback.onFailed(failure);
        }
    }

    private @Nullable AntiphonException publish(
            @Nullable Lane to, String key, OutboundMessage message, BasicProperties properties, SendCallback callback) {
        Session at = session;
        if (to == null || at == null) {
            return link.notReady(message.subject());
        }
        AntiphonException refused = refusals.check(message, at, to, /* held= */ false);
        if (refused != null) {
            return refused;
        }
        to.cork();
        try {
            return send(to, key, message, properties, callback);
        } finally {
            to.uncork();
        }
    }

    private synchronized @Nullable AntiphonException send(
            Lane to, String key, OutboundMessage message, BasicProperties properties, SendCallback callback) {
        if (to != lane) {
            return link.notReady(message.subject());
        }
        long number = to.channel.getNextPublishSeqNo();
        unconfirmed.add(number, callback);
        try {
            to.publish(exchange(), key, false, properties, message.message().sharedBytes());
            return null;
        } catch (IOException | AlreadyClosedException e) {
            List<SendCallback> mine = new ArrayList<>(1);
            unconfirmed.take(number, false, mine);
            return mine.isEmpty() ? null : link.notReady(message.subject());
        }
    }

    private String exchange() {
        return settings.plainQueues() ? "" : settings.exchange();
    }

    /** Called by the reader. */
    private void confirmed(Lane on, long number, boolean multiple, @Nullable AntiphonException failure) {
        List<SendCallback> ended = new ArrayList<>();
        List<CompletableFuture<Void>> reached;
        synchronized (this) {
            if (on != lane) {
                return;
            }
            unconfirmed.take(number, multiple, ended);
            reached = unconfirmed.reached();
        }
        for (SendCallback callback : ended) {
            if (failure == null) {
                callback.onSent();
            } else {
                callback.onFailed(failure);
            }
        }
        reached.forEach(waiter -> waiter.complete(null));
    }

    /**
     * The broker closed the channel, or the connection is gone. Which message the broker did not like it does not say: it
     * may have handled those before it, and has ignored those after it.
     */
    private void closed(Lane which, ShutdownSignalException signal) {
        boolean ofChannel = BrokerErrors.isOfChannel(signal);
        List<SendCallback> lost;
        synchronized (this) {
            if (which != lane) {
                return;
            }
            lane = null;
            lost = unconfirmed.takeAll();
        }
        AntiphonException failure = ofChannel
                ? BrokerErrors.of(signal, null, lost.size() > 1)
                : link.isClosed()
                        ? link.failures().closedMeanwhile()
                        : link.failures().lost(signal);
        fail(lost, failure);
        if (ofChannel) {
            link.heal(this, signal, null);
        }
    }

    private void fail(List<SendCallback> lost, AntiphonException failure) {
        lost.forEach(callback -> callback.onFailed(failure));
        List<CompletableFuture<Void>> waiting;
        synchronized (this) {
            waiting = unconfirmed.reached();
        }
        waiting.forEach(waiter -> waiter.completeExceptionally(failure));
    }

    /** Completes when the broker has confirmed everything sent so far. */
    synchronized CompletableFuture<Void> flush() {
        return unconfirmed.confirmed();
    }

    /** None: what is sent here is confirmed. */
    @Override
    public @Nullable Lane lane() {
        return null;
    }

    @Override
    public void detach() {
        List<SendCallback> lost;
        synchronized (this) {
            lane = null;
            session = null;
            lost = unconfirmed.takeAll();
        }
        fail(
                lost,
                link.isClosed()
                        ? link.failures().closedMeanwhile()
                        : link.failures().lost(null));
    }
}
