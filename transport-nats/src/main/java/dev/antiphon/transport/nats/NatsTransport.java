package dev.antiphon.transport.nats;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Limits;
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
import io.nats.client.Connection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Core NATS: maps the calls of the engine to frames, and leaves the connection to {@link NatsLink}. */
final class NatsTransport implements Transport {

    private final NatsLink link;
    private final Capabilities capabilities;
    private final String inboxPrefix;
    private final long maxUnhandled;

    NatsTransport(TransportConfig config, Capabilities capabilities) {
        this.link = new NatsLink(config);
        this.capabilities = capabilities;
        this.inboxPrefix = ClientOptions.inboxPrefix(config);
        this.maxUnhandled = config.number(NatsOptions.MAX_UNHANDLED).orElse(Long.MAX_VALUE);
    }

    @Override
    public Capabilities capabilities() {
        return link.connection()
                .map(Connection::getMaxPayload)
                .filter(max -> max > 0)
                .map(max -> capabilities.withLimits(new Limits(max, NatsTransportProvider.MAX_SUBJECT_BYTES)))
                .orElse(capabilities);
    }

    @Override
    public CompletionStage<Void> start(TransportListener listener) {
        return link.outside(link.start(listener));
    }

    /** Core NATS confirms nothing: sent means that the frame waits to be written to a connection that is up. */
    @Override
    public void publish(OutboundMessage message, SendCallback callback) {
        link.tell(callback, link.outbox().publish(message.subject(), message.message()), message.subject());
    }

    @Override
    public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
        if (address instanceof NatsAddress request) {
            AntiphonException failure = link.outbox().reply(message.subject(), request.address(), message.message());
            link.tell(callback, failure, message.subject());
        } else {
            callback.onFailed(foreign(address));
        }
    }

    static AntiphonException foreign(ReplyAddress address) {
        return new AntiphonException(
                ErrorCode.INVALID_ARGUMENT, "the reply address is of another transport: " + address);
    }

    @Override
    public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
        NatsSubscription subscription = new NatsSubscription(link, spec, handler, maxUnhandled);
        link.subscribe(subscription);
        return link.outside(subscription.ready().thenApply(ready -> subscription));
    }

    @Override
    public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
        NatsReplyChannel channel = new NatsReplyChannel(link, inboxPrefix + token + ".", handler);
        link.subscribe(channel);
        return link.outside(channel.ready().thenApply(ready -> channel));
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
