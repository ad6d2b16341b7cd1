package dev.antiphon.engine;

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
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Takes publications, and leaves it to the test to confirm them. Can do nothing else. */
record StressTransport(Consumer<SendCallback> publisher) implements Transport {

    @Override
    public void publish(OutboundMessage message, SendCallback callback) {
        publisher.accept(callback);
    }

    @Override
    public Capabilities capabilities() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> start(TransportListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> flush(Duration limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close(Duration limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return Optional.empty();
    }
}
