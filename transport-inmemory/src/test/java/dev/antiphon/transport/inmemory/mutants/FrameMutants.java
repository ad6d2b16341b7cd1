package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Defects of what is said beside request and reply, and of telling pieces of work apart. */
final class FrameMutants {
    private FrameMutants() {}

    static List<Mutant> all() {
        return Stream.of(notices(), endings()).flatMap(List::stream).toList();
    }

    /** Of the way back, and of what a responder says before its reply. */
    private static List<Mutant> notices() {
        return List.of(
                Mutant.of(
                        "loses the way back",
                        "FRM-01",
                        "the way back",
                        Talk.received(() -> (id, message, from, engine) -> engine.onReply(id, message, null))),
                Mutant.of(
                        "mixes up ids on the way back",
                        "FRM-01",
                        "the id on the way back",
                        Edits.channel(OffByOne::new)),
                Mutant.of(
                        "asks for frames in every request",
                        "FRM-02",
                        "\"whole\"",
                        Talk.asking(message -> Talk.with(message, ControlHeaders.WANTS, "1;accepted"))),
                Mutant.of(
                        "makes up that requests are accepted",
                        "FRM-03",
                        "it must fail with TIMEOUT",
                        Edits.channel(Flattering::new)),
                Mutant.of(
                        "loses ACCEPTED",
                        "FRM-04",
                        "ended before its handler",
                        Talk.losing(message -> Talk.is(message, "accepted"))),
                Mutant.of(
                        "loses every tenth PROGRESS",
                        "FRM-05",
                        "all progress comes",
                        Talk.losing(() -> every(10, "progress"))),
                Mutant.of(
                        "sends every seventh PROGRESS after the eighth",
                        "FRM-05",
                        "element at index 6",
                        Talk.answers(() -> new Late(every(7, "progress")))));
    }

    /** Of calls that end early, of what nobody understands, and of telling pieces of work apart. */
    private static List<Mutant> endings() {
        return List.of(
                Mutant.of(
                        "loses CANCEL",
                        "FRM-06",
                        "did not end within",
                        Talk.losing(message -> Talk.is(message, "cancel"))),
                Mutant.of(
                        "tells no way back with ACCEPTED",
                        "FRM-07",
                        "the second is cancelled",
                        Talk.received(() -> (id, message, from, engine) ->
                                engine.onReply(id, message, Talk.is(message, "accepted") ? null : from))),
                Mutant.of("forgets ways back soon", "FRM-08", "did not end within", Edits.channel(Forgetful::new)),
                Mutant.of(
                        "loses GOING_AWAY",
                        "FRM-09",
                        "it must fail with UNAVAILABLE",
                        Talk.losing(message -> Talk.is(message, "going-away"))),
                Mutant.of("sends no request twice", "FRM-10", "did not end within", Edits.channel(Thrifty::new)),
                Mutant.of(
                        "strips what says that a message is a frame",
                        "FRM-11",
                        "\"sense\"",
                        Talk.editing(message -> Talk.without(message, ControlHeaders.FRAME))),
                Mutant.of(
                        "loses requests with wishes it does not know",
                        "FRM-12",
                        "No value present",
                        Talk.requests(() -> FrameMutants::knownWishesOnly)),
                Mutant.of(
                        "loses the keys of requests",
                        "RR-35",
                        "handled 1",
                        Talk.asking(message -> Talk.without(message, ControlHeaders.IDEMPOTENCY_KEY))),
                Mutant.of(
                        "takes requests with the same key for one",
                        "RR-40",
                        "did not end within",
                        Talk.requests(Once::new)));
    }

    /** True of every n-th frame of this kind. */
    static Predicate<Message> every(int n, String kind) {
        int[] count = new int[1];
        return message -> {
            synchronized (count) {
                return Talk.is(message, kind) && ++count[0] % n == 0;
            }
        };
    }

    private static void knownWishesOnly(OutboundMessage message, SendCallback callback, Talk.Way sound) {
        String wants = Talk.value(message.message(), ControlHeaders.WANTS);
        if (wants.isEmpty() || wants.startsWith("1;")) {
            sound.send(message, callback);
        } else {
            callback.onSent();
        }
    }

    private static final class OffByOne extends ForwardedChannel {
        OffByOne(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
            sound.reply(to, message, correlationId + 1, callback);
        }
    }

    private static final class Flattering extends ForwardedChannel {
        Flattering(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            sound.request(message, correlationId, callback);
            if (message.message().headers().contains(ControlHeaders.WANTS)) {
                engine.onReply(correlationId, Talk.frame("accepted"));
            }
        }
    }

    /** What it was told to answer is forgotten after 200 ms. */
    private static final class Forgetful extends ForwardedChannel {
        private record Aging(ReplyAddress real, long since) implements ReplyAddress {}

        Forgetful(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
            engine.onReply(correlationId, reply, from == null ? null : new Aging(from, System.nanoTime()));
        }

        @Override
        public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
            if (!(to instanceof Aging aging)) {
                sound.reply(to, message, correlationId, callback);
            } else if (System.nanoTime() - aging.since < TimeUnit.MILLISECONDS.toNanos(200)) {
                sound.reply(aging.real, message, correlationId, callback);
            } else {
                callback.onSent();
            }
        }
    }

    private static final class Thrifty extends ForwardedChannel {
        private final Set<Long> sent = ConcurrentHashMap.newKeySet();

        Thrifty(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            if (sent.add(correlationId)) {
                sound.request(message, correlationId, callback);
            } else {
                callback.onSent();
            }
        }
    }

    /** Each key once. */
    private static final class Once implements Talk.Sending {
        private final Set<String> sent = ConcurrentHashMap.newKeySet();

        @Override
        public void send(OutboundMessage message, SendCallback callback, Talk.Way sound) {
            String key = Talk.value(message.message(), ControlHeaders.IDEMPOTENCY_KEY);
            if (key.isEmpty() || sent.add(message.subject() + key)) {
                sound.send(message, callback);
            } else {
                callback.onSent();
            }
        }
    }

    /** Sends some messages after the one that follows them. */
    static final class Late implements Talk.Sending {
        private final Predicate<Message> which;
        private final List<Runnable> held = new ArrayList<>();

        Late(Predicate<Message> which) {
            this.which = which;
        }

        @Override
        public synchronized void send(OutboundMessage message, SendCallback callback, Talk.Way sound) {
            if (which.test(message.message())) {
                held.add(() -> sound.send(message, new PublishMutants.Ignoring()));
                callback.onSent();
                return;
            }
            sound.send(message, callback);
            held.forEach(Runnable::run);
            held.clear();
        }
    }
}
