package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerStats;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestOptions;
import dev.antiphon.SurplusReply;
import dev.antiphon.SurplusReply.Kind;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.CorrelationId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Rules about replies that belong to no request, and about who can send them: {@code RR} in the specification. */
interface SurplusReplyRules extends Conformance {
    /** More than any table of ended requests remembers. */
    int FORGETTABLE = 30_000;

    // -- Late, duplicate, unknown --

    @Rule("RR-12")
    default void secondReply_isCountedAndDiscarded() {
        String subject = unique("twice");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Observed observed = new Observed();
        Messenger requester = connect(builder -> builder.listener(observed));

        Call call = requester.request(subject, Message.of("?"));
        Call next = requester.request(subject, Message.of("next"));
        RawMessage request = held.next("?");
        request.reply(Message.of("first"));
        request.reply(Message.of("second"));

        assertThat(call.join().text()).isEqualTo("first");
        SurplusReply surplus = onlySurplus(observed);
        assertThat(surplus.kind()).isEqualTo(Kind.DUPLICATE);
        assertThat(surplus.requestId()).isEqualTo(call.id());
        assertThat(surplus.message().text()).isEqualTo("second");
        assertSurplus(requester, 0, 1, 0);
        assertThat(next.isDone()).isFalse();
        held.next().reply(Message.of("only"));
        assertThat(next.join().text()).isEqualTo("only");
    }

    @Rule("RR-13")
    default void severalRespondersWithoutGroup_theFirstReplyWins() {
        String subject = unique("all");
        for (String name : List.of("/a", "/b", "/c")) {
            connect().respond(subject, request -> Message.of(request.text() + name));
        }
        Messenger requester = connect();

        for (String body : bodies("question", 50)) {
            String reply = requester.request(subject, Message.of(body)).join().text();
            assertThat(reply).isIn(body + "/a", body + "/b", body + "/c");
        }

        eventually("the other replies are counted", () -> {
            MessengerStats stats = requester.stats();
            assertThat(stats.duplicateReplies() + stats.unknownReplies()).isEqualTo(100);
            // A newer request may have taken the place in which the end of an older one was remembered.
            assertThat(stats.unknownReplies()).isLessThanOrEqualTo(10);
            assertThat(stats.lateReplies()).isZero();
        });
    }

    @Rule("RR-14")
    default void lateReply_isCountedAndDiscarded() {
        String subject = unique("late");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Observed observed = new Observed();
        Messenger requester = connect(builder -> builder.listener(observed));
        RequestOptions brief = RequestOptions.timeout(Duration.ofMillis(250));

        Call call = requester.request(subject, Message.of("?"), brief);
        assertFails(ErrorCode.TIMEOUT, call);
        Stopwatch sinceTimeout = new Stopwatch();
        Call next = requester.request(subject, Message.of("next"));
        held.next("?").reply(Message.of("late"));

        SurplusReply surplus = onlySurplus(observed);
        assertThat(surplus.kind()).isEqualTo(Kind.LATE);
        assertThat(surplus.requestId()).isEqualTo(call.id());
        assertThat(surplus.message().text()).isEqualTo("late");
        assertThat(surplus.lateBy().orElseThrow())
                .isBetween(Duration.ZERO, sinceTimeout.elapsed().plus(timing().grace()));
        assertSurplus(requester, 1, 0, 0);
        assertFails(ErrorCode.TIMEOUT, call);
        assertThat(next.isDone()).isFalse();
        held.next().reply(Message.of("in time"));
        assertThat(next.join().text()).isEqualTo("in time");
    }

    @Rule("RR-18")
    default void cancel_freesTheRequestAtOnce() {
        String subject = unique("cancel");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect(builder -> builder.maxInFlight(2));

        Call call = requester.request(subject, Message.of("?"));
        Call other = requester.request(subject, Message.of("?"));
        assertThat(call.cancel()).isTrue();
        assertThat(other.toCompletableFuture().cancel(true)).isTrue();

        assertThat(requester.stats().inFlight()).isZero();
        assertThat(requester.stats().consistent()).isTrue();
        assertThat(call.cancel()).as("cancelled once only").isFalse();
        assertFails(ErrorCode.CANCELLED, call);
        assertThat(other.isDone()).isTrue();
        held.next(2).forEach(request -> request.reply(Message.of("late")));
        eventually("the replies are late", () -> assertSurplus(requester, 2, 0, 0));
        assertNextIsAnswered(requester, held, subject);
    }

    @Rule("RR-05")
    default void replyToARequestThatIsForgotten_isCountedAsUnknown() {
        String subject = unique("forgotten");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect();
        List<Call> calls = Stream.generate(() -> requester.request(subject, Message.of("?")))
                .limit(30)
                .toList();
        List<RawMessage> requests = held.next(30);
        calls.forEach(Call::cancel);

        String elsewhere = unique("elsewhere");
        for (int i = 0; i < FORGETTABLE; i++) {
            requester.request(elsewhere, Message.empty()).cancel();
        }
        requests.forEach(request -> request.reply(Message.of("much later")));

        eventually(
                "every reply is counted",
                () -> assertThat(requester.stats().unknownReplies()
                                + requester.stats().lateReplies())
                        .isEqualTo(30));
        assertThat(requester.stats().unknownReplies())
                .as("what is remembered is bounded")
                .isPositive();
        assertThat(requester.stats().duplicateReplies()).isZero();
        assertNextIsAnswered(requester, held, subject);
    }

    @Rule("RR-19")
    default void replyThatCanNotBeRead_failsItsOwnRequestOnly() {
        String subject = unique("unreadable");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect();
        List<Headers> unreadable = List.of(
                Headers.received(ControlHeaders.ERROR, ""),
                Headers.received(ControlHeaders.ERROR, "NO_SUCH_CODE"),
                Headers.received(ControlHeaders.ERROR, "REMOTE", ControlHeaders.ERROR_CODE, "%zz%"),
                Headers.received(ControlHeaders.ERROR, "REMOTE", ControlHeaders.ERROR_MESSAGE, "%c3%28%"),
                Headers.received(ControlHeaders.ERROR, "TIMEOUT", "antiphon-from-the-future", "1"));
        Call bystander = requester.request(subject, Message.of("bystander"));
        RawMessage bystandersRequest = held.next();

        for (Headers headers : unreadable) {
            Call call = requester.request(subject, Message.of("?"));
            held.next().reply(Message.of("garbage").withHeaders(headers));
            assertFails(ErrorCode.REMOTE, call);
        }

        assertThat(bystander.isDone()).isFalse();
        bystandersRequest.reply(Message.of("fine"));
        assertThat(bystander.join().text()).isEqualTo("fine");
        assertSurplus(requester, 0, 0, 0);
    }

    @Rule("RR-20")
    default void replyWithoutAReadableCorrelation_isIgnoredAndCounted() {
        String subject = unique("garbage");
        RawClient foreign = rawClient();
        HeldRequests held = HeldRequests.at(foreign, subject, timing());
        Messenger requester = connect();
        Call call = requester.request(subject, Message.of("?"));
        RawMessage request = held.next();

        Optional<String> address = request.replySubject();
        List<String> garbage = List.of("x", "0", "zzzzzzzzzzzzzzzzzzzz", "----------_", "a.b");
        address.map(SurplusReplyRules::channelOf)
                .ifPresent(
                        channel -> garbage.forEach(token -> foreign.publish(channel + token, Message.of("for whom?"))));
        request.reply(Message.of("answer"));

        assertThat(call.join().text()).isEqualTo("answer");
        // Where the address is no subject, only the holder of a request can reply at all.
        int atLeast = address.isPresent() ? 4 : 0; // "a.b" may not even be part of the address
        eventually(
                "garbage is counted",
                () -> assertThat(requester.stats().unknownReplies()).isBetween((long) atLeast, (long) garbage.size()));
        assertNextIsAnswered(requester, held, subject);
    }

    // -- Whose replies --

    @Rule("RR-22")
    default void restartedRequester_doesNotGetTheRepliesOfItsPredecessor() {
        String subject = unique("restart");
        String name = harness().connectionName();
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger predecessor = connect(builder -> builder.name(name));
        Call lost = predecessor.request(subject, Message.of("first life"));
        RawMessage old = held.next();
        predecessor.close();
        Messenger successor = connect(builder -> builder.name(name));

        Call call = successor.request(subject, Message.of("second life"));
        old.reply(Message.of("for the first life"));
        held.next().reply(Message.of("for the second life"));

        assertThat(call.join().text()).isEqualTo("for the second life");
        assertFails(ErrorCode.CLOSED, lost);
        assertNextIsAnswered(successor, held, subject);
        assertSurplus(successor, 0, 0, 0);
    }

    @Rule("RR-23")
    default void requestIds_areUnique() {
        String subject = unique("ids");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        List<Messenger> requesters = List.of(fullMessenger(subject), fullMessenger(subject));
        held.next(2);

        // Refused requests have ids, too, and no broker slows them down.
        long[] ids = IntStream.range(0, repetitions(2_200_000))
                .parallel()
                .mapToObj(i -> requesters.get(i & 1).request(subject, Message.empty()))
                .mapToLong(call -> CorrelationId.parse(call.id(), 0))
                .sorted()
                .toArray();

        assertThat(IntStream.range(1, ids.length).filter(i -> ids[i] == ids[i - 1]))
                .as("ids that occurred twice")
                .isEmpty();
    }

    @Rule("RR-24")
    default void replyAddresses_canNotBeGuessed() {
        String subject = unique("secret");
        RawClient foreign = rawClient();
        HeldRequests held = HeldRequests.at(foreign, subject, timing());
        Set<String> channels = new HashSet<>();
        for (int i = 0; i < 16; i++) {
            Messenger requester = connect();
            List<Call> calls = Stream.generate(() -> requester.request(subject, Message.of("?")))
                    .limit(50)
                    .toList();
            List<RawMessage> requests = held.next(50);
            assertThat(stepsBetween(calls))
                    .as("ids do not follow from each other")
                    .hasSize(49);
            requests.get(0).replySubject().ifPresent(address -> {
                channels.add(channelOf(address));
                assertForgedRepliesAreIgnored(foreign, requester, address);
            });
            assertThat(calls).noneMatch(Call::isDone);
        }
        if (!channels.isEmpty()) {
            assertThat(channels).as("one address for each messenger").hasSize(16);
            assertRandom(channels);
        }
    }

    // -- Steps --

    /** A messenger that refuses every further request. */
    private Messenger fullMessenger(String subject) {
        Messenger requester = connect(builder ->
                builder.maxInFlight(1).onInFlightLimit(OverloadPolicy.REJECT).requestTimeout(Duration.ofMinutes(1)));
        assertThat(requester.request(subject, Message.of("?")).isDone()).isFalse();
        return requester;
    }

    private void assertForgedRepliesAreIgnored(RawClient foreign, Messenger requester, String address) {
        String channel = channelOf(address);
        long seen = CorrelationId.parse(address, channel.length());
        for (long guess : new long[] {seen + 1, seen - 1, 0, 1, ~seen}) {
            foreign.publish(channel + CorrelationId.toText(guess), Message.of("forged"));
        }
        eventually("forged replies are counted", () -> assertSurplus(requester, 0, 0, 5));
    }

    /** The differences between the ids of successive calls. */
    private static Set<Long> stepsBetween(List<Call> calls) {
        Set<Long> steps = new HashSet<>();
        for (int i = 1; i < calls.size(); i++) {
            steps.add(CorrelationId.parse(calls.get(i).id(), 0)
                    - CorrelationId.parse(calls.get(i - 1).id(), 0));
        }
        return steps;
    }

    /** Addresses that differ at 22 places or more, each of 62 values: 128 bits and more. */
    private static void assertRandom(Set<String> channels) {
        int length = channels.iterator().next().length();
        assertThat(channels).allSatisfy(channel -> assertThat(channel).hasSize(length));
        long varying = IntStream.range(0, length)
                .filter(at -> channels.stream()
                                .map(channel -> channel.charAt(at))
                                .distinct()
                                .count()
                        > 4)
                .count();
        assertThat(varying).as("places of the address that vary").isGreaterThanOrEqualTo(22);
    }

    /** An address without the correlation id. */
    private static String channelOf(String address) {
        return address.substring(0, address.lastIndexOf('.') + 1);
    }

    private SurplusReply onlySurplus(Observed observed) {
        eventually(
                "the surplus reply is reported",
                () -> assertThat(observed.surplusReplies()).hasSize(1));
        return observed.surplusReplies().get(0);
    }

    private static void assertSurplus(Messenger requester, int late, int duplicate, int unknown) {
        MessengerStats stats = requester.stats();
        assertThat(List.of(stats.lateReplies(), stats.duplicateReplies(), stats.unknownReplies()))
                .as("late, duplicate and unknown replies")
                .containsExactly((long) late, (long) duplicate, (long) unknown);
    }

    private static void assertNextIsAnswered(Messenger requester, HeldRequests held, String subject) {
        Call next = requester.request(subject, Message.of("next"));
        held.next().reply(Message.of("answer to the next"));
        assertThat(next.join().text()).isEqualTo("answer to the next");
    }
}
