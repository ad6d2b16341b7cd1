package dev.antiphon.transport.kafka;

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
import dev.antiphon.spi.TransportListener;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Kafka: maps the calls of the engine to records, and leaves the connection to {@link KafkaLink}. */
final class KafkaTransport implements Transport {

    private final KafkaLink link;
    private final Capabilities capabilities;

    KafkaTransport(Settings settings, Capabilities capabilities) {
        this.link = new KafkaLink(settings);
        this.capabilities = capabilities;
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public CompletionStage<Void> start(TransportListener listener) {
        return link.outside(link.start(listener));
    }

    /** Sent means that all replicas that the brokers wait for have it. */
    @Override
    public void publish(OutboundMessage message, SendCallback callback) {
        Session session = link.session();
        if (session == null) {
            callback.onFailed(link.notConnected(message.subject()));
        } else {
            session.outbox().send(link.records().message(message), message.subject(), null, callback);
        }
    }

    @Override
    public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
        Session session = link.session();
        if (session == null) {
            callback.onFailed(link.notConnected(message.subject()));
        } else if (address instanceof KafkaReplyAddress to) {
            session.outbox().send(link.records().reply(to, message), message.subject(), null, callback);
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
        String group = spec.group();
        return attempt(() -> {
            if (group == null) {
                return new FanOut(link, spec, handler).subscribe();
            }
            return link.settings().groups() == GroupMode.SHARE
                    ? new ShareMember(link, spec, group, handler).subscribe()
                    : new ConsumerMember(link, spec, group, handler).subscribe();
        });
    }

    @Override
    public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
        return attempt(() -> new KafkaReplyChannel(link, token, handler).open());
    }

    private <T> CompletionStage<T> attempt(Supplier<CompletableFuture<T>> operation) {
        try {
            return link.outside(operation.get());
        } catch (AntiphonException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    @Override
    public CompletionStage<Void> flush(Duration limit) {
        Session session = link.session();
        return session == null
                ? CompletableFuture.failedFuture(link.notConnected(null))
                : link.outside(session.flush(limit));
    }

    @Override
    public void close(Duration limit) {
        link.close(limit);
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return link.unwrap(nativeType);
    }
}
