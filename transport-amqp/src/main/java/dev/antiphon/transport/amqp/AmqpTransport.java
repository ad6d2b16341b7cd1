package dev.antiphon.transport.amqp;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportListener;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** RabbitMQ: maps the calls of the engine to channels and queues, and leaves the connection to {@link AmqpLink}. */
final class AmqpTransport implements Transport {

    private final Settings settings;
    private final Capabilities capabilities;
    private final AmqpLink link;
    private final Topology topology;
    private final MessageCodec replies = new MessageCodec();

    AmqpTransport(TransportConfig config, Settings settings, Capabilities capabilities) {
        this.settings = settings;
        this.capabilities = capabilities;
        topology = new Topology(settings);
        link = new AmqpLink(config, settings, topology);
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public CompletionStage<Void> start(TransportListener listener) {
        return link.outside(link.start(listener));
    }

    @Override
    public void publish(OutboundMessage message, SendCallback callback) {
        link.publisher().publish(message, callback);
    }

    @Override
    public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
        if (!(address instanceof AmqpDelivery request)) {
            throw new AntiphonException(ErrorCode.INVALID_ARGUMENT, "the reply address is of another transport");
        }
        request.consumption.reply(request, message, replies, callback);
    }

    @Override
    public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
        if (settings.plainQueues()
                && (spec.subject().indexOf('*') >= 0 || spec.subject().endsWith(">"))) {
            return CompletableFuture.failedFuture(
                    Failures.unsent(ErrorCode.UNSUPPORTED, "queues have no wildcards", spec.subject()));
        }
        String key = settings.plainQueues() ? spec.subject() : RoutingKeys.ofPattern(spec.subject());
        MessageCodec.checkShort("subject", key);
        AmqpSubscription subscription = new AmqpSubscription(link, spec, handler, topology, settings.plainQueues());
        link.add(subscription);
        return link.outside(subscription.ready());
    }

    @Override
    public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
        AmqpReplyChannel channel = new AmqpReplyChannel(link, settings, token, handler);
        link.add(channel);
        return link.outside(channel.ready());
    }

    @Override
    public CompletionStage<Void> flush(Duration limit) {
        return link.outside(link.flush(limit));
    }

    @Override
    public void close(Duration limit) {
        link.close(limit);
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return link.connection().filter(nativeType::isInstance).map(nativeType::cast);
    }
}
