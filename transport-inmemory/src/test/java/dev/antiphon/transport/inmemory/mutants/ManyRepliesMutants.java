package dev.antiphon.transport.inmemory.mutants;

import static java.util.concurrent.CompletableFuture.delayedExecutor;

import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyHandler;
import dev.antiphon.spi.SendCallback;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Defects that show when one request has many replies: gathered, or streamed. */
final class ManyRepliesMutants {
    private ManyRepliesMutants() {}

    static List<Mutant> all() {
        return Stream.of(gathering(), items(), signs()).flatMap(List::stream).toList();
    }

    /** Of replies from several responders. */
    private static List<Mutant> gathering() {
        return List.of(
                Mutant.of(
                        "brings one reply to a request", "STR-01", "did not end within", Talk.received(OneReply::new)),
                Mutant.of(
                        "says that nobody is left once one has replied",
                        "STR-02",
                        "how long it took",
                        Talk.received(() -> ManyRepliesMutants::thenNobody)),
                Mutant.of("loses every third reply", "STR-03", "did not end within", Talk.received(Thirds::new)),
                Mutant.of(
                        "cuts replies at eight bytes",
                        "STR-04",
                        "did not end within",
                        Talk.editing(ManyRepliesMutants::cut)),
                Mutant.of(
                        "says once that nobody is there", "STR-05", "did not end within", Edits.channel(SaysOnce::new)),
                Mutant.of(
                        "takes error replies for replies",
                        "STR-06",
                        "responder0",
                        Talk.editing(message -> Talk.without(message, ControlHeaders.ERROR))),
                Mutant.of(
                        "loses the names of responders",
                        "STR-07",
                        "yours",
                        Talk.editing(message -> Talk.without(message, ControlHeaders.RESPONDER))),
                Mutant.of(
                        "gives all responders one name",
                        "STR-16",
                        "did not end within",
                        Talk.editing(message ->
                                Talk.value(message, ControlHeaders.RESPONDER).isEmpty()
                                        ? message
                                        : Talk.with(message, ControlHeaders.RESPONDER, "same;1"))),
                Mutant.of(
                        "loses every third request", "STR-17", "did not end within", Talk.requests(LosingThirds::new)));
    }

    /** Of items, and of the credit for them. */
    private static List<Mutant> items() {
        return List.of(
                Mutant.of(
                        "loses every hundredth ITEM",
                        "STR-08",
                        "DATA_LOSS",
                        Talk.losing(() -> FrameMutants.every(100, "item"))),
                Mutant.of(
                        "sends every seventh ITEM after the eighth",
                        "STR-08",
                        "DATA_LOSS",
                        Talk.answers(() -> new FrameMutants.Late(FrameMutants.every(7, "item")))),
                Mutant.of("loses END", "STR-08", "the stream", Talk.losing(message -> Talk.is(message, "end"))),
                Mutant.of("loses CREDIT", "STR-09", "the stream", Talk.losing(message -> Talk.is(message, "credit"))),
                Mutant.of(
                        "sends CREDIT in place of CANCEL",
                        "STR-10",
                        "did not end within",
                        Talk.editing(message -> Talk.is(message, "cancel") ? Talk.frame("credit") : message)),
                Mutant.of("makes up items that are missing", "STR-11", "DATA_LOSS", Talk.received(Inventive::new)),
                Mutant.of("numbers items itself", "STR-12", "DATA_LOSS", Talk.received(Numbering::new)),
                Mutant.of("chokes on the tenth message", "STR-14", "TIMEOUT", Talk.received(Choking::new)),
                Mutant.of(
                        "loses the end of a stream without items",
                        "STR-15",
                        "the stream",
                        Talk.losing(message -> Talk.is(message, "end") && Talk.number(message) == 0)),
                Mutant.of(
                        "lets errors overtake items",
                        "STR-15",
                        "DATA_LOSS",
                        Talk.answers(() -> new FrameMutants.Late(message -> Talk.is(message, "item")))),
                Mutant.of(
                        "loses CREDIT above 500",
                        "STR-23",
                        "the stream",
                        Talk.losing(message -> Talk.is(message, "credit") && Talk.number(message) > 500)));
    }

    /** Of signs of life, and of who takes part. */
    private static List<Mutant> signs() {
        return List.of(
                Mutant.of(
                        "makes up signs of life",
                        "STR-13",
                        "the stream",
                        Talk.received(() -> ManyRepliesMutants::lively)),
                Mutant.of(
                        "delivers what was said before only once",
                        "STR-19",
                        "it has ended",
                        Talk.answers(Deduplicating::new)),
                Mutant.of(
                        "answers for requesters that are gone",
                        "STR-20",
                        "did not end within",
                        Edits.channel(Answering::new)),
                Mutant.of(
                        "strips UNAVAILABLE",
                        "STR-21",
                        "the stream",
                        Talk.editing(message ->
                                Talk.value(message, ControlHeaders.ERROR).equals("UNAVAILABLE")
                                        ? Talk.without(message, ControlHeaders.ERROR)
                                        : message)),
                Mutant.of(
                        "brings frames alone to who asked for frames",
                        "STR-22",
                        "the stream",
                        Edits.channel(FramesOnly::new)),
                Mutant.of(
                        "has one way back for all responders of a request",
                        "STR-24",
                        "the stream",
                        Talk.received(FirstWayBack::new)));
    }

    private static Message cut(Message message) {
        byte[] body = message.sharedBytes();
        return body.length <= 8
                ? message
                : Message.wrap(
                        Arrays.copyOf(body, 8),
                        message.headers(),
                        message.contentType().orElse(null));
    }

    private static void thenNobody(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine) {
        engine.onReply(id, message, from);
        engine.onNoResponders(id);
    }

    /** Each item is followed by forty frames of a responder that seems to be alive, 50 ms apart. */
    private static void lively(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine) {
        engine.onReply(id, message, from);
        if (Talk.is(message, "item")) {
            for (int i = 1; i <= 40; i++) {
                delayedExecutor(i * 50L, TimeUnit.MILLISECONDS)
                        .execute(() -> engine.onReply(id, Talk.frame("accepted"), from));
            }
        }
    }

    private static final class OneReply implements Talk.Receiving {
        private final Set<Long> replied = ConcurrentHashMap.newKeySet();

        @Override
        public void receive(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine) {
            if (replied.add(id)) {
                engine.onReply(id, message, from);
            }
        }
    }

    private static final class Thirds implements Talk.Receiving {
        private int count;

        @Override
        public synchronized void receive(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine) {
            if (++count % 3 != 0) {
                engine.onReply(id, message, from);
            }
        }
    }

    private static final class LosingThirds implements Talk.Sending {
        private int count;

        @Override
        public synchronized void send(OutboundMessage message, SendCallback callback, Talk.Way sound) {
            if (++count % 3 == 0) {
                callback.onSent();
            } else {
                sound.send(message, callback);
            }
        }
    }

    private static final class SaysOnce extends ForwardedChannel {
        private boolean said;

        SaysOnce(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public synchronized void onNoResponders(long correlationId) {
            if (!said) {
                said = true;
                engine.onNoResponders(correlationId);
            }
        }
    }

    /** Repeats an item as often as others are missing after it. */
    private static final class Inventive implements Talk.Receiving {
        private final Map<Long, Long> next = new HashMap<>();

        @Override
        public synchronized void receive(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine) {
            if (Talk.is(message, "item")) {
                for (long n = next.getOrDefault(id, 0L); n < Talk.number(message); n++) {
                    engine.onReply(id, Talk.frame("item;n=" + n), from);
                }
                next.put(id, Talk.number(message) + 1);
            }
            engine.onReply(id, message, from);
        }
    }

    private static final class Numbering implements Talk.Receiving {
        private final Map<Long, Integer> next = new HashMap<>();

        @Override
        public synchronized void receive(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine) {
            boolean item = Talk.is(message, "item");
            int number = item ? next.merge(id, 1, Integer::sum) - 1 : 0;
            engine.onReply(id, item ? Talk.with(message, ControlHeaders.FRAME, "item;n=" + number) : message, from);
        }
    }

    private static final class Choking implements Talk.Receiving {
        private int count;

        @Override
        public synchronized void receive(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine) {
            if (++count < 10) {
                engine.onReply(id, message, from);
            }
        }
    }

    /** Takes a frame that says the same as one before for a duplicate of it. */
    private static final class Deduplicating implements Talk.Sending {
        private final Set<String> said = ConcurrentHashMap.newKeySet();

        @Override
        public void send(OutboundMessage message, SendCallback callback, Talk.Way sound) {
            String frame = Talk.value(message.message(), ControlHeaders.FRAME);
            if (frame.isEmpty() || said.add(message.subject() + frame)) {
                sound.send(message, callback);
            } else {
                callback.onSent();
            }
        }
    }

    private static final class Answering extends ForwardedChannel {
        Answering(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void reply(ReplyAddress to, OutboundMessage message, long correlationId, SendCallback callback) {
            sound.reply(to, message, correlationId, callback);
            if (Talk.is(message.message(), "accepted")) {
                engine.onReply(correlationId, Talk.frame("credit;n=3"));
            }
        }

        @Override
        public void onNoResponders(long correlationId) {}
    }

    private static final class FramesOnly extends ForwardedChannel {
        private final Set<Long> asked = ConcurrentHashMap.newKeySet();

        FramesOnly(ReplyHandler engine) {
            super(engine);
        }

        @Override
        public void request(OutboundMessage message, long correlationId, SendCallback callback) {
            if (message.message().headers().contains(ControlHeaders.WANTS)) {
                asked.add(correlationId);
            }
            sound.request(message, correlationId, callback);
        }

        @Override
        public void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
            Predicate<Message> wanted = message -> Talk.isFrame(message) || !asked.contains(correlationId);
            if (wanted.test(reply)) {
                engine.onReply(correlationId, reply, from);
            }
        }
    }

    private static final class FirstWayBack implements Talk.Receiving {
        private final Map<Long, ReplyAddress> first = new ConcurrentHashMap<>();

        @Override
        public void receive(long id, Message message, @Nullable ReplyAddress from, ReplyHandler engine) {
            if (from != null) {
                first.putIfAbsent(id, from);
            }
            engine.onReply(id, message, from == null ? null : first.get(id));
        }
    }
}
