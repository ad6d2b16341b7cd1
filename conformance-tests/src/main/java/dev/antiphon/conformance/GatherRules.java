package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.ErrorCode;
import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.GatherResult.End;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** Rules about one request with many replies: {@code STR} in the specification. */
interface GatherRules extends Conformance {
    GatherOptions PATIENT = GatherOptions.DEFAULTS.withTimeout(Duration.ofMinutes(1));

    @Rule("STR-01")
    default void gathering_endsWithEnoughReplies() {
        String subject = responders(5);
        Messenger requester = connect();

        GatherResult result = get(requester.gather(subject, Message.of("?"), PATIENT.withMax(3)));

        assertThat(result.end()).isEqualTo(End.ENOUGH);
        assertThat(result.replies()).hasSize(3);
        assertThat(result.sufficient()).isTrue();
        assertThat(requester.stats().inFlight()).isZero();
        assertThat(requester.stats().consistent()).isTrue();
    }

    @Rule("STR-02")
    default void gathering_thatRunsOutOfTime_hasWhatCame() {
        String subject = responders(3);
        Messenger requester = connect();
        Duration limit = timing().grace().multipliedBy(2);
        Stopwatch stopwatch = new Stopwatch();

        GatherResult result = get(requester.gather(
                subject,
                Message.of("?"),
                GatherOptions.DEFAULTS.withTimeout(limit).withMin(4)));

        stopwatch.assertWithin(limit, timing().grace());
        assertThat(result.end()).isEqualTo(End.TIMEOUT);
        assertThat(texts(result)).containsExactlyInAnyOrder("responder0", "responder1", "responder2");
        assertThat(result.sufficient()).isFalse();
        assertThat(requester.stats().inFlight()).isZero();
    }

    @Rule("STR-03")
    default void gathering_endsWhenNoMoreRepliesCome() {
        String subject = responders(3);
        Messenger requester = connect();

        GatherResult result = get(
                requester.gather(subject, Message.of("?"), PATIENT.withMin(3).withStallTimeout(timing().grace())));

        assertThat(result.end()).isEqualTo(End.STALLED);
        assertThat(result.replies()).hasSize(3);
        assertThat(result.sufficient()).isTrue();
    }

    @Rule("STR-04")
    default void gathering_endsWithTheReplyItWaitsFor() {
        String subject = responders(3);

        GatherResult result = get(connect()
                .gather(
                        subject,
                        Message.of("?"),
                        PATIENT.withUntil(reply -> reply.text().equals("responder1"))));

        assertThat(result.end()).isEqualTo(End.UNTIL);
        assertThat(texts(result)).contains("responder1");
    }

    @Rule("STR-05")
    default void gathering_thatNobodyServes_saysSoAtOnce() {
        Messenger requester = connect();
        boolean known = supports(Capability.NO_RESPONDERS);
        GatherOptions options = known ? PATIENT : PATIENT.withTimeout(timing().grace());

        GatherResult result = get(requester.gather(unique("nobody"), Message.of("?"), options));

        GatherResult ofTwo =
                get(requester.gather(List.of(unique("nobody"), unique("nobody")), Message.of("?"), options));

        for (GatherResult nothing : List.of(result, ofTwo)) {
            assertThat(nothing.end()).isEqualTo(known ? End.NO_RESPONDERS : End.TIMEOUT);
            assertThat(nothing.replies()).isEmpty();
        }
        assertThat(requester.stats().inFlight()).isZero();
    }

    @Rule("STR-06")
    default void gathering_keepsErrorsBesideReplies() {
        String subject = responders(2);
        Messenger failing = connect();
        failing.respond(subject, request -> {
            throw new RemoteException("BROKEN", "sorry");
        });

        GatherResult result = get(
                connect().gather(subject, Message.of("?"), PATIENT.withMin(2).withStallTimeout(timing().grace())));

        assertThat(texts(result)).containsExactlyInAnyOrder("responder0", "responder1");
        assertThat(result.errors()).singleElement().satisfies(error -> {
            assertThat(error.exception().code()).isEqualTo(ErrorCode.REMOTE);
            assertThat(error.exception()).hasMessageContaining("sorry");
            assertThat(error.responder()).isNotEmpty();
        });
    }

    @Rule("STR-07")
    default void gathering_countsOneResponderOnce() {
        String subject = unique("twice");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect();
        CompletableFuture<GatherResult> gathering = requester.gather(subject, Message.of("?"), PATIENT.withMax(2));
        RawMessage request = held.next();
        Message mine = Message.of("mine")
                .withHeaders(dev.antiphon.Headers.received(dev.antiphon.spi.ControlHeaders.RESPONDER, "a;1"));
        Message yours = Message.of("yours")
                .withHeaders(dev.antiphon.Headers.received(dev.antiphon.spi.ControlHeaders.RESPONDER, "a;2"));

        request.reply(mine);
        request.reply(mine);
        request.reply(yours);

        assertThat(texts(get(gathering))).containsExactly("mine", "yours");
        assertThat(requester.stats().duplicateReplies()).isEqualTo(1);
    }

    @Rule("STR-16")
    default void gathering_fromExpectedResponders_endsWithTheLastAndNamesTheMissing() {
        String subject = unique("named");
        connect(builder -> builder.name("first")).respond(subject, request -> Message.of("1"));
        connect(builder -> builder.name("second")).respond(subject, request -> Message.of("2"));
        Messenger requester = connect();

        GatherResult all =
                get(requester.gather(subject, Message.of("?"), PATIENT.withExpected(Set.of("first", "second"))));
        GatherResult some = get(requester.gather(
                subject,
                Message.of("?"),
                PATIENT.withExpected(Set.of("first", "second", "third")).withStallTimeout(timing().grace())));

        assertThat(all.end()).isEqualTo(End.EVERYBODY);
        assertThat(all.missing()).isEmpty();
        assertThat(all.replies())
                .extracting(GatherResult.Reply::responder)
                .containsExactlyInAnyOrder("first", "second");
        assertThat(some.end()).isEqualTo(End.STALLED);
        assertThat(some.missing()).containsExactly("third");
    }

    @Rule("STR-17")
    default void gathering_fromSeveralSubjects_endsWhenEachHasAnswered() {
        String subject = unique("several");
        Messenger responder = connect();
        List<String> subjects =
                IntStream.range(0, 3).mapToObj(i -> subject + "." + i).toList();
        subjects.forEach(each -> responder.respond(each, request -> Message.of("from " + request.subject())));
        Messenger requester = connect();

        GatherResult result = get(requester.gather(subjects, Message.of("?"), PATIENT));

        assertThat(result.end()).isEqualTo(End.EVERYBODY);
        assertThat(result.replies())
                .extracting(GatherResult.Reply::subject)
                .containsExactlyInAnyOrderElementsOf(subjects);
        if (supports(Capability.NO_RESPONDERS)) {
            GatherResult some = get(requester.gather(List.of(subjects.get(0), subject), Message.of("?"), PATIENT));
            assertThat(some.end()).isEqualTo(End.EVERYBODY);
            assertThat(some.replies()).hasSize(1);
            assertThat(some.missing()).containsExactly(subject);
        }
        assertThat(requester.stats().inFlight()).isZero();
    }

    @Rule("STR-18")
    default void gathering_thatIsCancelledOrClosed_leavesNothing() {
        String subject = unique("cancelled");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect();
        CompletableFuture<GatherResult> cancelled = requester.gather(subject, Message.of("?"), PATIENT);
        held.next();
        cancelled.cancel(false);
        assertThat(requester.stats().inFlight()).isZero();
        assertThat(requester.stats().permitsInUse()).isZero();

        CompletableFuture<GatherResult> closed = requester.gather(subject, Message.of("?"), PATIENT);
        held.next().reply(Message.of("before"));
        eventually("it has one", () -> assertThat(requester.stats().inFlight()).isEqualTo(1));
        requester.close();

        assertThat(get(closed).end()).isEqualTo(End.CLOSED);
    }

    private String responders(int count) {
        String subject = unique("many");
        for (int i = 0; i < count; i++) {
            String name = "responder" + i;
            connect().respond(subject, request -> Message.of(name));
        }
        return subject;
    }

    private static List<String> texts(GatherResult result) {
        return result.messages().stream().map(Message::text).toList();
    }
}
