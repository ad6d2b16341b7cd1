package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.StreamEmitter;
import dev.antiphon.StreamHandler;
import dev.antiphon.StreamOptions;
import dev.antiphon.spi.ControlHeaders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rules about streams of replies: {@code STR} in the specification. */
interface StreamRules extends Conformance {
    Duration BRIEF_GAP = Duration.ofMillis(500);

    @Rule("STR-08")
    default void items_comeCompleteAndInOrder() {
        String subject = unique("count");
        Messenger responder = connect();
        responder.respondStream(
                subject,
                StreamHandler.ofIterator(
                        request -> numbers(Integer.parseInt(request.text())).iterator()),
                RespondOptions.DEFAULTS);
        Messenger requester = connect();

        for (int count : List.of(1, 5, 10_000)) {
            Items items =
                    Items.all(timing()).of(requester.stream(subject, Message.of("" + count), StreamOptions.DEFAULTS));
            assertThat(items.awaitAll()).containsExactlyElementsOf(texts(count));
        }
        assertThat(requester.stats().inFlight()).isZero();
        eventually("nothing is left", () -> {
            assertThat(responder.stats().exchanges()).isZero();
            assertThat(responder.stats().handlersRunning()).isZero();
        });
    }

    @Rule("STR-09")
    default void slowConsumer_holdsTheResponderBack() {
        String subject = unique("slow");
        Messenger responder = connect();
        AtomicLong sent = new AtomicLong();
        responder.respondStream(
                subject,
                (request, emitter) -> {
                    for (int i = 0; i < 1000; ) {
                        if (emitter.trySend(Message.of("" + i))) {
                            sent.set(++i);
                        } else if (!emitter.awaitCredit()) {
                            return;
                        }
                    }
                    emitter.complete();
                },
                RespondOptions.DEFAULTS);
        int window = 16;

        Items items = Items.asking(10, timing())
                .of(connect().stream(subject, Message.of("?"), StreamOptions.DEFAULTS.withWindow(window)));
        items.await(10);
        never("more than the window is sent", () -> assertThat(sent.get()).isLessThanOrEqualTo(10 + window));
        assertThat(items.texts()).hasSize(10);
        items.ask(Long.MAX_VALUE);

        assertThat(items.awaitAll()).containsExactlyElementsOf(texts(1000));
    }

    @Rule("STR-10")
    default void subscriptionThatIsCancelled_stopsTheResponder() {
        String subject = unique("cancel");
        Messenger responder = connect();
        CompletableFuture<Void> told = new CompletableFuture<>();
        AtomicLong sent = new AtomicLong();
        responder.respondStream(
                subject,
                (request, emitter) -> {
                    emitter.onCancel(() -> told.complete(null));
                    endless(emitter, sent);
                },
                RespondOptions.DEFAULTS);
        Messenger requester = connect();
        Items items = Items.all(timing()).of(requester.stream(subject, Message.of("?"), StreamOptions.DEFAULTS));
        items.await(1000);

        items.cancel();

        get(told);
        eventually(
                "the handler ends",
                () -> assertThat(responder.stats().handlersRunning()).isZero());
        assertThat(requester.stats().inFlight()).isZero();
        assertThat(items.isOver()).as("a cancelled subscriber hears no more").isFalse();
    }

    private static void endless(StreamEmitter emitter, AtomicLong sent) throws InterruptedException {
        while (emitter.awaitCredit()) {
            if (emitter.trySend(Message.of("" + sent.get()))) {
                sent.incrementAndGet();
            }
        }
    }

    @Rule("STR-11")
    default void itemThatIsLost_isAnError() {
        Stranger stranger = askAStranger("lost");
        Items items = stranger.items();
        stranger.item(0);
        stranger.item(1);
        stranger.item(3);

        AntiphonException failure = items.awaitFailure();

        assertThat(failure.code()).isEqualTo(ErrorCode.DATA_LOSS);
        assertThat(items.texts()).containsExactly("0", "1");

        Stranger shorter = askAStranger("short");
        Items truncated = shorter.items();
        shorter.item(0);
        shorter.say("end;n=2");
        assertThat(truncated.awaitFailure().code()).isEqualTo(ErrorCode.DATA_LOSS);
    }

    @Rule("STR-12")
    default void itemThatComesTwice_isDroppedOnce() {
        Stranger stranger = askAStranger("twice");
        Items items = stranger.items();
        for (int number : List.of(0, 1, 1, 0, 2, 2)) {
            stranger.item(number);
        }
        stranger.say("end;n=3");

        assertThat(items.awaitAll()).containsExactly("0", "1", "2");
    }

    @Rule("STR-13")
    default void responderThatIsSilent_endsTheStreamWithinTheGapTimeout() {
        Stranger stranger = askAStranger("silent");
        Items items = stranger.items();
        stranger.item(0);
        items.await(1);
        Stopwatch stopwatch = new Stopwatch();

        AntiphonException failure = items.awaitFailure();

        stopwatch.assertLessThan(BRIEF_GAP.plus(timing().grace()));
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(items.texts()).containsExactly("0");
    }

    @Rule("STR-14")
    default void itemsAfterTheEnd_areIgnoredAndTheNextStreamWorks() {
        Messenger requester = connect();
        Stranger stranger = askAStranger("late", requester);
        Items items = stranger.items();
        stranger.item(0);
        items.await(1);
        items.cancel();
        IntStream.range(1, 20).forEach(i -> stranger.item(i));
        stranger.say("end;n=20");

        Stranger next = askAStranger("next", requester);
        Items after = next.items();
        next.item(0);
        next.say("end;n=1");

        assertThat(after.awaitAll()).containsExactly("0");
        assertThat(items.texts()).containsExactly("0");
    }

    @Rule("STR-15")
    default void streams_mayBeEmptyAndMayEndWithAnErrorAfterTheirItems() {
        String subject = unique("ends");
        Messenger responder = connect();
        responder.respondStream(subject + ".empty", (request, emitter) -> emitter.complete(), RespondOptions.DEFAULTS);
        responder.respondStream(
                subject + ".broken",
                (request, emitter) -> {
                    emitter.trySend(Message.of("0"));
                    emitter.trySend(Message.of("1"));
                    throw new RemoteException("BROKEN", "after two");
                },
                RespondOptions.DEFAULTS);
        Messenger requester = connect();

        assertThat(Items.all(timing())
                        .of(requester.stream(subject + ".empty", Message.of("?"), StreamOptions.DEFAULTS))
                        .awaitAll())
                .isEmpty();
        Items broken =
                Items.all(timing()).of(requester.stream(subject + ".broken", Message.of("?"), StreamOptions.DEFAULTS));
        assertThat(broken.awaitFailure()).hasMessageContaining("after two");
        assertThat(broken.texts()).containsExactly("0", "1");
    }

    @Rule("STR-19")
    default void quietStream_livesAsLongAsBothSidesDo() {
        String subject = unique("quiet");
        Messenger responder = connect();
        Gate gate = gate();
        responder.respondStream(
                subject,
                (request, emitter) -> {
                    gate.pass();
                    emitter.trySend(Message.of("0"));
                    emitter.complete();
                },
                RespondOptions.DEFAULTS);
        Duration gap = timing().grace();
        Items items = Items.all(timing())
                .of(connect().stream(subject, Message.of("?"), StreamOptions.DEFAULTS.withGapTimeout(gap)));
        Stopwatch stopwatch = new Stopwatch();
        eventually("two gaps pass", () -> assertThat(stopwatch.elapsed()).isGreaterThan(gap.multipliedBy(2)));
        assertThat(items.isOver()).as("it has ended").isFalse();

        gate.open();

        assertThat(items.awaitAll()).containsExactly("0");
    }

    @Rule("STR-20")
    default void consumerThatVanishes_stopsTheResponderWithinTheGapTimeout() {
        String subject = unique("vanished");
        Messenger responder = connect();
        AtomicLong sent = new AtomicLong();
        CompletableFuture<Void> told = new CompletableFuture<>();
        responder.respondStream(
                subject,
                (request, emitter) -> {
                    emitter.onCancel(() -> told.complete(null));
                    endless(emitter, sent);
                },
                RespondOptions.DEFAULTS);
        // A stranger that asks and is not heard of again.
        Message asking = Message.of("?")
                .withHeaders(Headers.received(ControlHeaders.WANTS, "1;stream;credit=3;gap=" + BRIEF_GAP.toMillis()));
        rawClient().request(subject, asking, timing().signal());
        Stopwatch stopwatch = new Stopwatch();

        get(told);

        stopwatch.assertLessThan(BRIEF_GAP.multipliedBy(2).plus(timing().grace()));
        assertThat(sent.get()).isEqualTo(3);
        eventually(
                "nothing is left",
                () -> assertThat(responder.stats().exchanges()).isZero());
    }

    @Rule("STR-21")
    default void responderThatCloses_endsItsStreams() {
        String subject = unique("closing");
        Messenger responder = connect();
        responder.respondStream(
                subject, (request, emitter) -> emitter.trySend(Message.of("0")), RespondOptions.DEFAULTS);
        Items items = Items.all(timing()).of(connect().stream(subject, Message.of("?"), StreamOptions.DEFAULTS));
        items.await(1);

        responder.close();

        assertThat(items.awaitFailure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Rule("STR-22")
    default void streamsAndPlainReplies_meet() {
        String subject = unique("meet");
        Messenger responder = connect();
        responder.respond(subject + ".plain", request -> Message.of("only"));
        responder.respondStream(subject + ".stream", (request, emitter) -> emitter.complete(), RespondOptions.DEFAULTS);
        Messenger requester = connect();

        assertThat(Items.all(timing())
                        .of(requester.stream(subject + ".plain", Message.of("?"), StreamOptions.DEFAULTS))
                        .awaitAll())
                .containsExactly("only");
        AntiphonException failure = assertFails(
                ErrorCode.REMOTE,
                requester.request(subject + ".stream", Message.of("?"), RequestOptions.timeout(Duration.ofMinutes(1))));
        assertThat(failure).hasMessageContaining("stream");
    }

    @Rule("STR-23")
    default void publishers_andStreams_areRelayed() {
        String subject = unique("adapters");
        Messenger responder = connect();
        List<SubmissionPublisher<Message>> publishers = new CopyOnWriteArrayList<>();
        responder.respondStream(
                subject + ".stream", StreamHandler.ofStream(request -> numbers(700)), RespondOptions.DEFAULTS);
        responder.respondStream(
                subject + ".publisher",
                StreamHandler.ofPublisher(request -> {
                    SubmissionPublisher<Message> publisher = new SubmissionPublisher<>();
                    publishers.add(publisher);
                    return publisher;
                }),
                RespondOptions.DEFAULTS);
        Messenger requester = connect();
        StreamOptions small = StreamOptions.DEFAULTS.withWindow(7);

        assertThat(Items.all(timing())
                        .of(requester.stream(subject + ".stream", Message.of("?"), small))
                        .awaitAll())
                .hasSize(700);
        Items published = Items.all(timing()).of(requester.stream(subject + ".publisher", Message.of("?"), small));
        eventually(
                "it is subscribed to",
                () -> assertThat(publishers).singleElement().matches(SubmissionPublisher::hasSubscribers));
        numbers(700).forEach(publishers.get(0)::submit);
        publishers.get(0).close();
        assertThat(published.awaitAll()).containsExactlyElementsOf(texts(700));
    }

    @Rule("STR-24")
    default void streamWithSeveralResponders_comesFromOne() {
        String subject = unique("several");
        for (String name : List.of("a", "b", "c")) {
            connect()
                    .respondStream(
                            subject,
                            StreamHandler.ofStream(request ->
                                    Stream.generate(() -> Message.of(name)).limit(500)),
                            RespondOptions.DEFAULTS);
        }

        List<String> items = Items.all(timing())
                .of(connect().stream(subject, Message.of("?"), StreamOptions.DEFAULTS.withWindow(16)))
                .awaitAll();

        assertThat(items).hasSize(500);
        assertThat(items.stream().distinct()).hasSize(1);
    }

    /** A stream as a responder of foreign make got the request for it, and what came of it. */
    record Stranger(RawMessage request, Items items) {
        void say(String frame) {
            request.reply(frameOf(frame, ""));
        }

        void item(int number) {
            request.reply(frameOf("item;n=" + number, "" + number));
        }
    }

    /** Asks a responder of foreign make for a stream. */
    private Stranger askAStranger(String hint) {
        return askAStranger(hint, connect());
    }

    private Stranger askAStranger(String hint, Messenger requester) {
        String subject = unique(hint);
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Items items = Items.all(timing())
                .of(requester.stream(subject, Message.of("?"), StreamOptions.DEFAULTS.withGapTimeout(BRIEF_GAP)));
        return new Stranger(held.next(), items);
    }

    private static Message frameOf(String value, String body) {
        return Message.of(body).withHeaders(Headers.received(ControlHeaders.FRAME, value));
    }

    private static Stream<Message> numbers(int count) {
        return texts(count).stream().map(Message::of);
    }

    private static List<String> texts(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }
}
