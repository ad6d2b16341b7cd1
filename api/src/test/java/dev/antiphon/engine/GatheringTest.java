package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.ErrorCode;
import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.GatherResult.End;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.ReplyAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a gathering ends, and who hears of it. */
class GatheringTest {

    private static final Duration STALL = Duration.ofMillis(100);

    private final RequesterFixture fixture = new RequesterFixture();
    private final Operations operations = fixture.operations();
    private final ReplyAddress wayBack = new ScriptedDelivery("way back", Message.empty(), false);

    @AfterEach
    void nothingIsLeft() {
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
        assertThat(fixture.requester.alarms().pending()).as("alarms").isZero();
    }

    private CompletableFuture<GatherResult> gather(GatherOptions options, String... subjects) {
        return operations.gather(List.of(subjects), Message.of("?"), options);
    }

    private static GatherResult resultOf(CompletableFuture<GatherResult> gathering) {
        assertThat(gathering).as("the gathering").isDone();
        return gathering.join();
    }

    private static Message named(Message reply, String identity) {
        return reply.withHeaders(reply.headers().with(ControlHeaders.RESPONDER, identity));
    }

    private static Message named(String reply, String identity) {
        return named(Message.of(reply), identity);
    }

    @Test
    void max_reachedWhileThePredicateRuns_takesNoMore() {
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<SentRequest> sent = new CompletableFuture<>();
        CompletableFuture<GatherResult> gathering = gather(
                GatherOptions.DEFAULTS.withMax(1).withUntil(reply -> {
                    if (calls.incrementAndGet() == 1) { // a second one comes before the first has ended it
                        sent.join().reply(named("second", "r;2"));
                    }
                    return false;
                }),
                "a");
        sent.complete(fixture.sent());

        sent.join().reply(named("first", "r;1"));

        GatherResult result = resultOf(gathering);
        assertThat(result.end()).isEqualTo(End.ENOUGH);
        assertThat(result.messages()).extracting(Message::text).containsExactly("first");
        assertThat(fixture.counters.duplicateReplies.sum()).isEqualTo(1);
    }

    @Test
    void stall_eachReply_beginsAnew() {
        CompletableFuture<GatherResult> gathering =
                gather(GatherOptions.DEFAULTS.withMin(1).withStallTimeout(STALL), "a");
        SentRequest sent = fixture.sent();
        sent.reply(named("one", "r;1"));
        fixture.advance(Duration.ofMillis(80));
        sent.reply(named("two", "r;2"));
        fixture.advance(Duration.ofMillis(80));
        assertThat(gathering).as("80 ms after the second reply").isNotDone();

        fixture.advance(Duration.ofMillis(40));

        GatherResult result = resultOf(gathering);
        assertThat(result.end()).isEqualTo(End.STALLED);
        assertThat(result.replies()).hasSize(2);
    }

    @Test
    void stall_beforeThereAreEnough_doesNotCount() {
        CompletableFuture<GatherResult> gathering =
                gather(GatherOptions.DEFAULTS.withMin(2).withStallTimeout(STALL), "a");
        SentRequest sent = fixture.sent();
        sent.reply(named("one", "r;1"));
        fixture.advance(Duration.ofMillis(500));
        assertThat(gathering).isNotDone();
        sent.reply(named("two", "r;2"));

        fixture.advance(Duration.ofMillis(110));

        assertThat(resultOf(gathering).end()).isEqualTo(End.STALLED);
        assertThat(resultOf(gathering).sufficient()).isTrue();
    }

    @Test
    void timeout_withTooFew_saysThatTheyDoNotSuffice() {
        CompletableFuture<GatherResult> gathering = gather(GatherOptions.DEFAULTS.withMin(2), "a");
        fixture.sent().reply("one");

        fixture.advance(RequesterFixture.TIMEOUT.plusMillis(5));

        assertThat(resultOf(gathering).end()).isEqualTo(End.TIMEOUT);
        assertThat(resultOf(gathering).sufficient()).isFalse();
        assertThat(resultOf(gathering).replies()).hasSize(1);
    }

    @Test
    void expected_oneAnswersWithAnError_isHeardOf() {
        CompletableFuture<GatherResult> gathering =
                gather(GatherOptions.DEFAULTS.withExpected(Set.of("north", "south")), "a");
        SentRequest sent = fixture.sent();
        sent.reply(named(ControlCodec.errorReply(new RemoteException("BROKEN", "sorry")), "north;1"));
        assertThat(gathering).isNotDone();
        sent.reply(named("a stranger", "west;1"));
        assertThat(gathering).isNotDone();

        sent.reply(named("fine", "south;1"));

        GatherResult result = resultOf(gathering);
        assertThat(result.end()).isEqualTo(End.EVERYBODY);
        assertThat(result.missing()).isEmpty();
        assertThat(result.replies()).hasSize(2);
        assertThat(result.errors()).singleElement().satisfies(error -> {
            assertThat(error.responder()).isEqualTo("north");
            assertThat(error.exception().subject()).isEqualTo("a");
        });
    }

    @Test
    void until_throws_endsItAndSaysWhy() {
        CompletableFuture<GatherResult> gathering = gather(
                GatherOptions.DEFAULTS.withUntil(reply -> {
                    throw new IllegalStateException("a defect");
                }),
                "a");

        fixture.sent().reply("one");

        GatherResult result = resultOf(gathering);
        assertThat(result.end()).isEqualTo(End.UNTIL);
        assertThat(result.replies()).hasSize(1);
        assertThat(result.errors()).singleElement().satisfies(error -> {
            assertThat(error.exception().code()).isEqualTo(ErrorCode.INTERNAL);
            assertThat(error.exception()).hasMessageContaining("a defect");
        });
    }

    @Test
    void until_isNotAskedAboutErrors() {
        CompletableFuture<GatherResult> gathering = gather(GatherOptions.DEFAULTS.withUntil(reply -> true), "a");
        SentRequest sent = fixture.sent();
        sent.reply(ControlCodec.errorReply(new IllegalStateException("broken")));
        assertThat(gathering).isNotDone();

        sent.reply("good");

        assertThat(resultOf(gathering).end()).isEqualTo(End.UNTIL);
        assertThat(resultOf(gathering).errors()).hasSize(1);
    }

    @Test
    void severalSubjects_oneHasNobody_isNotWaitedFor() {
        CompletableFuture<GatherResult> first = gather(GatherOptions.DEFAULTS, "a", "b");
        fixture.sent().noResponders();
        assertThat(first).isNotDone();
        fixture.sent().reply("from b");

        CompletableFuture<GatherResult> second = gather(GatherOptions.DEFAULTS, "a", "b");
        fixture.sent().reply("from a");
        fixture.sent().noResponders();

        assertThat(resultOf(first).missing()).containsExactly("a");
        assertThat(resultOf(second).missing()).containsExactly("b");
        for (GatherResult result : List.of(resultOf(first), resultOf(second))) {
            assertThat(result.end()).isEqualTo(End.EVERYBODY);
            assertThat(result.replies()).hasSize(1);
            assertThat(result.errors())
                    .singleElement()
                    .satisfies(error -> assertThat(error.exception().code()).isEqualTo(ErrorCode.NO_RESPONDERS));
        }
    }

    @Test
    void severalSubjects_noneHasAnybody_saysSo() {
        CompletableFuture<GatherResult> gathering = gather(GatherOptions.DEFAULTS, "a", "b");
        fixture.sent().noResponders();
        fixture.sent().noResponders();

        assertThat(resultOf(gathering).end()).isEqualTo(End.NO_RESPONDERS);
        assertThat(resultOf(gathering).missing()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void send_fails_theGatheringSaysWhy() {
        fixture.transport.onRequest = sent -> sent.fail(ErrorCode.TOO_LARGE);

        GatherResult result = resultOf(gather(GatherOptions.DEFAULTS, "a"));

        assertThat(result.end()).isEqualTo(End.FAILED);
        assertThat(result.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.exception().code()).isEqualTo(ErrorCode.TOO_LARGE));
    }

    @Test
    void sameResponder_atTwoSubjects_countsTwice() {
        CompletableFuture<GatherResult> gathering = gather(GatherOptions.DEFAULTS, "a", "b");
        fixture.sent().reply(named("a", "r;1"));
        fixture.sent().reply(named("b", "r;1"));

        assertThat(resultOf(gathering).replies()).hasSize(2);
    }

    @Test
    void reply_afterTheEnd_isSurplus() {
        CompletableFuture<GatherResult> gathering = gather(GatherOptions.DEFAULTS.withMax(1), "a");
        SentRequest sent = fixture.sent();
        sent.reply("first");

        sent.reply("second");

        assertThat(resultOf(gathering).replies()).hasSize(1);
        assertThat(fixture.counters.duplicateReplies.sum()).isEqualTo(1);
    }

    // -- Those who still work --

    @Test
    void cancelRest_acceptedBeforeTheEnd_isTold() {
        gather(GatherOptions.DEFAULTS.withMax(1).withCancelRest(true), "a");
        SentRequest sent = fixture.sent();
        assertThat(sent.wants()).isEqualTo("1;accepted;responder");
        sent.frame("accepted;x=00000000001", wayBack);
        assertThat(fixture.transport.frames).isEmpty();

        sent.reply("enough");

        SentFrame frame = fixture.transport.nextFrame();
        assertThat(frame.kind()).isEqualTo("cancel");
        assertThat(frame.to()).isSameAs(wayBack);
        assertThat(fixture.transport.frames).isEmpty();
    }

    @Test
    void cancelRest_acceptedAfterTheEnd_isToldThen() {
        CompletableFuture<GatherResult> gathering =
                gather(GatherOptions.DEFAULTS.withMax(1).withCancelRest(true), "a");
        SentRequest sent = fixture.sent();
        sent.reply("enough");
        assertThat(resultOf(gathering).end()).isEqualTo(End.ENOUGH);
        assertThat(fixture.transport.frames).isEmpty();

        sent.frame("accepted;x=00000000001", wayBack);

        SentFrame frame = fixture.transport.nextFrame();
        assertThat(frame.kind()).isEqualTo("cancel");
        assertThat(frame.to()).isSameAs(wayBack);
        assertThat(fixture.counters.repliesReceived.sum())
                .as("it counts as replied to")
                .isEqualTo(1);
    }

    @Test
    void cancelRest_notAskedFor_nobodyIsTold() {
        gather(GatherOptions.DEFAULTS.withMax(1), "a");
        SentRequest sent = fixture.sent();
        assertThat(sent.wants()).isEqualTo("1;responder");
        sent.frame("accepted;x=00000000001", wayBack); // all the same

        sent.reply("enough");
        sent.frame("accepted;x=00000000002", wayBack);

        assertThat(fixture.transport.frames).isEmpty();
    }

    @Test
    void cancel_beforeAnyReply_endsEveryLeg() {
        CompletableFuture<GatherResult> gathering = gather(GatherOptions.DEFAULTS.withCancelRest(true), "a", "b");
        fixture.sent().frame("accepted;x=00000000001", wayBack);
        fixture.sent();

        assertThat(gathering.cancel(false)).isTrue();

        assertThat(gathering).isCancelled();
        assertThat(fixture.transport.nextFrame().kind()).isEqualTo("cancel");
    }
}
