package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.spi.CorrelationId;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Sends the requests of a messenger and takes their replies: all of them on one channel, told apart by correlation id.
 *
 * <p>By default the address is an exclusive queue; or it is the broker's direct reply-to, which is no queue at all.
 * Either way it dies with the channel, and the next one has another name. Requests are not confirmed: the reply is the
 * confirmation, and a request that nobody serves comes back.
 */
final class AmqpReplyChannel implements Resident, ReplyChannel {

    private static final String DIRECT = "amq.rabbitmq.reply-to";

    private final AmqpLink link;
    private final Settings settings;
    private final String token;
    private final ReplyHandler handler;
    private final MessageCodec codec = new MessageCodec();
    private final CompletableFuture<ReplyChannel> ready = new CompletableFuture<>();
    private int number;
    private volatile @Nullable Address current;
    private volatile boolean closed;

    /** Where replies go, as long as the channel lives. */
    private record Address(Session session, Lane lane, String replyTo) {}

    AmqpReplyChannel(AmqpLink link, Settings settings, String token, ReplyHandler handler) {
        this.link = link;
        this.settings = settings;
        this.token = token;
        this.handler = handler;
    }

    CompletableFuture<ReplyChannel> ready() {
        return ready;
    }

    boolean failed(AntiphonException why) {
        return ready.completeExceptionally(why);
    }

    // -- Out --

    @Override
    public void request(OutboundMessage message, long correlationId, SendCallback callback) {
        if (settings.plainQueues()) {
            link.consumers().whenServed(message.subject(), served -> {
                if (served) {
                    send(message, correlationId, callback);
                } else {
                    callback.onSent();
                    handler.onNoResponders(correlationId);
                }
            });
        } else {
            send(message, correlationId, callback);
        }
    }

    @SuppressWarnings("ReferenceEquality") // it is about this very one
    private void send(OutboundMessage message, long correlationId, SendCallback callback) {
        Address from = current;
        AntiphonException failure = attempt(from, message, correlationId);
        while (failure != null && failure.code() == ErrorCode.UNAVAILABLE && from != current) {
            from = current; // it was replaced meanwhile, and nothing was sent over the one before
            failure = attempt(from, message, correlationId);
        }
        if (failure == null) {
            callback.onSent();
        } else {
            callback.onFailed(failure);
        }
    }

    private @Nullable AntiphonException attempt(@Nullable Address from, OutboundMessage message, long correlationId) {
        if (closed || from == null) {
            return notOpen(message.subject());
        }
        String key = settings.plainQueues() ? message.subject() : RoutingKeys.ofSubject(message.subject());
        MessageCodec.checkShort("subject", key);
        BasicProperties properties = codec.correlated(
                message.message(), CorrelationId.toText(correlationId), from.replyTo, message.timeToLiveNanos());
        String exchange = settings.plainQueues() ? "" : settings.exchange();
        return publish(from, message, new Target(exchange, key, true, properties), /* held= */ false);
    }

    /** Where a message goes, and what goes with it. */
    private record Target(String exchange, String key, boolean mandatory, BasicProperties properties) {}

    private @Nullable AntiphonException publish(Address from, OutboundMessage message, Target to, boolean held) {
        AntiphonException refused = link.refusals().check(message, from.session, from.lane, held);
        if (refused != null) {
            return refused;
        }
        from.lane.cork();
        try {
            from.lane.publish(
                    to.exchange,
                    to.key,
                    to.mandatory,
                    to.properties,
                    message.message().sharedBytes());
            return null;
        } catch (IOException | AlreadyClosedException e) {
            return notOpen(message.subject());
        } finally {
            from.lane.uncork();
        }
    }

    @Override
    public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
        AntiphonException failure =
                to instanceof AmqpAddress address ? answer(address, message, correlationId) : AmqpTransport.foreign(to);
        if (failure == null) {
            callback.onSent();
        } else {
            callback.onFailed(failure);
        }
    }

    /** On this channel, since the broker puts the direct address into messages of the channel it belongs to. */
    private @Nullable AntiphonException answer(AmqpAddress to, OutboundMessage message, long correlationId) {
        Address from = current;
        if (closed || from == null) {
            return notOpen(message.subject());
        }
        BasicProperties properties = codec.answer(to, message, from.replyTo, CorrelationId.toText(correlationId));
        // A direct reply that was delivered would come back all the same: no queue took it.
        boolean mandatory = !MessageCodec.isDirect(to);
        return publish(from, message, new Target("", to.replyTo(), mandatory, properties), /* held= */ true);
    }

    private AntiphonException notOpen(String subject) {
        return closed ? link.failures().closed(subject) : link.notReady(subject);
    }

    // -- Back, on the reader's thread --

    private final class Replies extends DefaultConsumer {

        Replies(Lane lane) {
            super(lane.channel);
        }

        @Override
        public void handleDelivery(String consumerTag, Envelope envelope, BasicProperties properties, byte[] body) {
            String correlation = properties.getCorrelationId();
            AmqpAddress wayBack = MessageCodec.wayBack(properties);
            BasicProperties rest = wayBack == null
                    ? properties
                    : properties.builder().messageId(null).build();
            Message reply = MessageCodec.message(rest, body, /* isReply= */ true);
            if (correlation != null && CorrelationId.isText(correlation, 0)) {
                handler.onReply(CorrelationId.parse(correlation, 0), reply, wayBack);
            } else {
                handler.onUnreadable(correlation == null ? "" : correlation, reply);
            }
        }

        /** Somebody deleted the queue. */
        @Override
        public void handleCancel(String consumerTag) {
            Address lost = current;
            if (lost != null && lost.lane.channel == getChannel()) {
                current = null;
                link.dropLane(lost.lane);
                moved(null);
            }
        }
    }

    /** Nobody serves the subject of this request, or nobody waits at the reply address of this answer any more. */
    private void returned(BasicProperties properties) {
        String messageId = properties.getMessageId();
        String correlation = messageId == null ? properties.getCorrelationId() : messageId;
        if (correlation != null && CorrelationId.isText(correlation, 0)) {
            handler.onNoResponders(CorrelationId.parse(correlation, 0));
        }
    }

    private void channelClosed(Lane lane, ShutdownSignalException signal) {
        Address lost = current;
        if (lost != null && lost.lane == lane && BrokerErrors.isOfChannel(signal) && !closed) {
            current = null;
            moved(signal);
        }
    }

    private void moved(@Nullable ShutdownSignalException signal) {
        link.events().moved(this);
        link.heal(this, signal, null);
    }

    // -- Life --

    @Override
    public void attach(Session session) throws IOException {
        Address present = current;
        if (closed || (present != null && present.session == session && present.lane.isOpen())) {
            return;
        }
        Lane lane = session.openLane();
        String address = DIRECT;
        if (settings.exclusiveReplyQueue()) {
            number++;
            address = "antiphon.reply." + token + "." + number;
            lane.channel.queueDeclare(address, false, true, true, Map.of());
        }
        lane.channel.addReturnListener((code, text, exchange, key, properties, body) -> returned(properties));
        lane.channel.basicConsume(address, true, new Replies(lane));
        current = new Address(session, lane, address);
        lane.channel.addShutdownListener(signal -> channelClosed(lane, signal));
        ready.complete(this);
    }

    @Override
    public @Nullable Lane lane() {
        Address present = current;
        return present == null ? null : present.lane;
    }

    @Override
    public void detach() {
        if (current != null) {
            current = null;
            link.events().moved(this);
        }
    }

    @Override
    public CompletionStage<Void> close() {
        Address last = current;
        closed = true;
        current = null;
        failed(link.failures().closed(null));
        link.forget(this);
        return last == null ? CompletableFuture.completedFuture(null) : link.outside(link.closeLane(last.lane));
    }

    @Override
    public String toString() {
        Address at = current;
        return at == null ? "a reply channel" : at.replyTo;
    }
}
