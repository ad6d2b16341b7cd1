package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.Transport;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Defects of requests and replies. */
final class RequestMutants {
    private static final AtomicInteger INBOXES = new AtomicInteger();

    private RequestMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.of("changes the correlation of replies", "RR-01", "TIMEOUT", Edits.channel(WrongId::new)),
                Mutant.of("gives replies to the latest request", "RR-03", "TIMEOUT", Edits.channel(Latest::new)),
                Mutant.of("loses replies that are fast", "RR-15", "TIMEOUT", Edits.channel(Overtaken::new)),
                Mutant.of("delivers every reply twice", "GRP-13", "duplicate replies", Edits.channel(Twice::new)),
                Mutant.of("gives replies to all requesters", "RR-04", "surplus replies", Edits.channel(ToAll::new)),
                Mutant.of(
                        "says that nobody serves what is served", "RR-01", "NO_RESPONDERS", Edits.channel(Gloomy::new)),
                Mutant.of("never says that nobody serves", "NOR-01", "NO_RESPONDERS", Edits.channel(Hopeful::new)),
                Mutant.of(
                        "forgets who asked",
                        "RR-01",
                        "TIMEOUT",
                        Edits.inbound((spec, inbound) ->
                                new ForwardedInbound(inbound, inbound.subject(), inbound.message(), null))),
                Mutant.withInboxes(
                        "counts its reply addresses",
                        "RR-24",
                        "places of the address that vary",
                        token -> "%022d".formatted(INBOXES.incrementAndGet())),
                Mutant.withInboxes(
                        "has one reply address for all", "RR-24", "one address for each messenger", token -> "shared"),
                Mutant.of("reports a reply it refuses as sent", "RR-36", "TOO_LARGE", Boasting::new));
    }

    private static final class WrongId extends ForwardedChannel {
        WrongId(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void onReply(long correlationId, Message reply) {
            engine.onReply(correlationId + 1, reply);
        }
    }

    private static final class Latest extends ForwardedChannel {
        private volatile long latest;

        Latest(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            latest = correlationId;
            sound.request(message, correlationId, callback);
        }

        @Override
        public void onReply(long correlationId, Message reply) {
            engine.onReply(latest, reply);
        }
    }

    private static final class Overtaken extends ForwardedChannel {
        private final Set<Long> confirmed = ConcurrentHashMap.newKeySet();

        Overtaken(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            sound.request(message, correlationId, callback);
            confirmed.add(correlationId);
        }

        @Override
        public void onReply(long correlationId, Message reply) {
            if (confirmed.remove(correlationId)) {
                engine.onReply(correlationId, reply);
            }
        }
    }

    private static final class Twice extends ForwardedChannel {
        Twice(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void onReply(long correlationId, Message reply) {
            engine.onReply(correlationId, reply);
            engine.onReply(correlationId, reply);
        }
    }

    private static final class ToAll extends ForwardedChannel {
        private static final Set<ToAll> CHANNELS = ConcurrentHashMap.newKeySet();

        ToAll(ReplyHandler engine) {
            super(engine);
            CHANNELS.add(this);
        }

        @Override
        public void onReply(long correlationId, Message reply) {
            CHANNELS.forEach(channel -> channel.engine.onReply(correlationId, reply));
        }

        @Override
        public CompletionStage<Void> close() {
            CHANNELS.remove(this);
            return super.close();
        }
    }

    private static final class Gloomy extends ForwardedChannel {
        Gloomy(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            callback.onSent();
            engine.onNoResponders(correlationId);
        }
    }

    private static final class Hopeful extends ForwardedChannel {
        Hopeful(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void onNoResponders(long correlationId) {}
    }

    private static final class Boasting extends Forwarding {
        Boasting(Transport sound) {
            super(sound);
        }

        @Override
        public void reply(ReplyAddress address, OutboundMessage message, SendCallback callback) {
            sound.reply(address, message, new SendCallback() {
                @Override
                public void onSent() {
                    callback.onSent();
                }

                @Override
                public void onFailed(AntiphonException failure) {
                    callback.onSent();
                }
            });
        }
    }
}
