package dev.antiphon.transport.inmemory.mutants;

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

/** A transport that does what another one does. A mutant overrides one thing. */
class Forwarding implements Transport {
    final Transport sound;

    Forwarding(Transport sound) {
        this.sound = sound;
    }

    @Override
    public Capabilities capabilities() {
        return sound.capabilities();
    }

    @Override
    public CompletionStage<Void> start(TransportListener listener) {
        return sound.start(listener);
    }

    @Override
    public void publish(OutboundMessage message, SendCallback callback) {
        sound.publish(message, callback);
    }

    @Override
    public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
        sound.reply(address, message, callback);
    }

    @Override
    public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
        return sound.subscribe(spec, handler);
    }

    @Override
    public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
        return sound.openReplyChannel(token, handler);
    }

    @Override
    public CompletionStage<Void> flush(Duration limit) {
        return sound.flush(limit);
    }

    @Override
    public void close(Duration limit) {
        sound.close(limit);
    }

    @Override
    public <T> Optional<T> unwrap(Class<T> nativeType) {
        return sound.unwrap(nativeType);
    }
}
