package dev.antiphon.transport.inmemory.mutants;

import static java.util.concurrent.CompletableFuture.delayedExecutor;

import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Defects that show in races, and where a message is only confirmed. */
final class RaceAndSendMutants {
    private RaceAndSendMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.of(
                        "sends nothing from within its own callback",
                        "RAC-01",
                        "did not end within",
                        Edits.channel(Shy::new)),
                Mutant.of("loses error replies", "RAC-02", "did not end within", Talk.losing(Talk::isError)),
                Mutant.of(
                        "sends every fifth request twice", "RAC-03", "requests and copies", Talk.requests(Fifths::new)),
                Mutant.of(
                        "loses every second CANCEL",
                        "RAC-04",
                        "both are told",
                        Talk.losing(() -> FrameMutants.every(2, "cancel"))),
                Mutant.of("replies to requests itself", "SND-01", "done before its handler", Edits.channel(Eager::new)),
                Mutant.of(
                        "cuts wishes at ten characters",
                        "SND-02",
                        "replies nobody asked for",
                        Talk.asking(RaceAndSendMutants::cutWishes)),
                Mutant.of(
                        "says late that nobody is there",
                        "SND-03",
                        "it must fail with NO_RESPONDERS",
                        Edits.channel(Hesitant::new)),
                Mutant.of(
                        "loses what errors say",
                        "SND-04",
                        "no room",
                        Talk.editing(message -> Talk.without(message, ControlHeaders.ERROR_MESSAGE))));
    }

    private static Message cutWishes(Message message) {
        String wants = Talk.value(message, ControlHeaders.WANTS);
        return wants.length() <= 10 ? message : Talk.with(message, ControlHeaders.WANTS, wants.substring(0, 10));
    }

    private static final class Shy extends ForwardedChannel {
        private final ThreadLocal<Boolean> receiving = ThreadLocal.withInitial(() -> false);

        Shy(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
            receiving.set(true);
            try {
                engine.onReply(correlationId, reply, from);
            } finally {
                receiving.set(false);
            }
        }

        @Override
        public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
            if (receiving.get()) {
                callback.onSent();
            } else {
                sound.reply(to, message, correlationId, callback);
            }
        }
    }

    private static final class Fifths implements Talk.Sending {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void send(OutboundMessage message, SendCallback callback, Talk.Way sound) {
            if (count.incrementAndGet() % 5 == 0) {
                sound.send(message, new PublishMutants.Ignoring());
            }
            sound.send(message, callback);
        }
    }

    private static final class Eager extends ForwardedChannel {
        Eager(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            sound.request(message, correlationId, callback);
            engine.onReply(correlationId, Message.empty());
        }
    }

    private static final class Hesitant extends ForwardedChannel {
        Hesitant(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void onNoResponders(long correlationId) {
            delayedExecutor(200, TimeUnit.MILLISECONDS).execute(() -> engine.onNoResponders(correlationId));
        }
    }
}
