package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.Message;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Defects that change one thing on its way through a sound transport. */
final class Edits {
    private Edits() {}

    /** Changes what is asked for when subscribing. */
    static UnaryOperator<Transport> spec(UnaryOperator<SubscribeSpec> edit) {
        return sound -> new Forwarding(sound) {
            @Override
            public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
                return sound.subscribe(edit.apply(spec), handler);
            }
        };
    }

    /** Changes what a subscription is handed. */
    static UnaryOperator<Transport> inbound(BiFunction<SubscribeSpec, InboundMessage, InboundMessage> edit) {
        return handler((spec, handler) -> inbound -> handler.onMessage(edit.apply(spec, inbound)));
    }

    /** Changes how a subscription is called. */
    static UnaryOperator<Transport> handler(BiFunction<SubscribeSpec, InboundHandler, InboundHandler> edit) {
        return sound -> new Forwarding(sound) {
            @Override
            public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
                return sound.subscribe(spec, edit.apply(spec, handler));
            }
        };
    }

    /** Changes the content of every message, request and reply. */
    static UnaryOperator<Transport> content(UnaryOperator<Message> edit) {
        UnaryOperator<OutboundMessage> all = message ->
                new OutboundMessage(message.subject(), edit.apply(message.message()), message.timeToLiveNanos());
        return sound -> new Forwarding(sound) {
            @Override
            public void publish(OutboundMessage message, SendCallback callback) {
                sound.publish(all.apply(message), callback);
            }

            @Override
            public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
                sound.reply(address, all.apply(message), callback);
            }

            @Override
            public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
                ForwardedChannel channel = new ForwardedChannel(handler) {
                    @Override
                    public void request(OutboundMessage message, long correlationId, SendCallback callback) {
                        sound.request(all.apply(message), correlationId, callback);
                    }
                };
                return sound.openReplyChannel(token, channel).thenApply(channel::over);
            }
        };
    }

    /** Puts another reply channel around the sound one. */
    static UnaryOperator<Transport> channel(Function<ReplyHandler, ForwardedChannel> wrapper) {
        return sound -> new Forwarding(sound) {
            @Override
            public CompletionStage<ReplyChannel> openReplyChannel(String token, ReplyHandler handler) {
                ForwardedChannel channel = wrapper.apply(handler);
                return sound.openReplyChannel(token, channel).thenApply(channel::over);
            }
        };
    }
}
