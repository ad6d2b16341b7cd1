package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Hedging;
import dev.antiphon.Message;
import dev.antiphon.RaceOptions;
import dev.antiphon.RemoteException;
import dev.antiphon.spi.ReplyAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the copies of a race start and end. */
class RaceCallTest {

    private static final RaceOptions STAGGERED = RaceOptions.DEFAULTS.withStagger(Duration.ofMillis(100));
    private static final Message BROKEN = ControlCodec.errorReply(new RemoteException("BROKEN", "first"));
    private static final Message WORSE = ControlCodec.errorReply(new RemoteException("WORSE", "second"));

    private final RequesterFixture fixture = new RequesterFixture();
    private final Operations operations = fixture.operations();
    private final ReplyAddress wayBack = new ScriptedDelivery("way back", Message.empty(), false);

    @AfterEach
    void nothingIsLeft() {
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
        assertThat(fixture.requester.alarms().pending()).as("alarms").isZero();
    }

    private Call race(RaceOptions options, String... subjects) {
        return operations.race(List.of(subjects), Message.of("?"), options);
    }

    @Test
    void reply_ofOne_cancelsTheOthersWhereTheyAreKnown() {
        Call call = race(RaceOptions.DEFAULTS, "a", "b");
        SentRequest loser = fixture.sent();
        SentRequest winner = fixture.sent();
        loser.frame("accepted;x=00000000001", wayBack);

        winner.reply("won");

        assertThat(call.join().text()).isEqualTo("won");
        assertThat(fixture.transport.nextFrame().to()).isSameAs(wayBack);
        loser.reply("too late");
        assertThat(fixture.counters.lateReplies.sum()).isEqualTo(1);
    }

    @Test
    void loser_acceptedAfterTheRace_isCancelledThen() {
        race(RaceOptions.DEFAULTS, "a", "b");
        SentRequest loser = fixture.sent();
        fixture.sent().reply("won");
        assertThat(fixture.transport.frames).isEmpty();

        loser.frame("accepted;x=00000000001", wayBack);

        assertThat(fixture.transport.nextFrame().kind()).isEqualTo("cancel");
    }

    @Test
    void stagger_noReplyMeanwhile_startsTheNextWithWhatIsLeftOfTheTime() {
        Call call = race(STAGGERED, "a", "b");
        assertThat(fixture.sent().budget()).isEqualTo("1000");
        fixture.advance(Duration.ofMillis(90));
        assertThat(fixture.transport.requests).isEmpty();

        fixture.advance(Duration.ofMillis(20));

        SentRequest second = fixture.sent();
        assertThat(second.outbound().subject()).isEqualTo("b");
        assertThat(Integer.parseInt(second.budget())).isBetween(880, 900);
        fixture.advance(Duration.ofMillis(900));
        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.TIMEOUT);
    }

    @Test
    void stagger_replyInTime_startsNoOther() {
        Call call = race(STAGGERED, "a", "b");
        fixture.sent().reply("won");

        fixture.advance(Duration.ofMillis(200));

        assertThat(call.join().text()).isEqualTo("won");
        assertThat(fixture.transport.requests).isEmpty();
    }

    @Test
    void failure_ofAllSoFar_startsTheNextAtOnce() {
        Call call = race(STAGGERED, "a", "b", "c");
        fixture.sent().reply(BROKEN);
        SentRequest second = fixture.sent();
        second.noResponders();
        SentRequest third = fixture.sent();

        third.reply("at last");

        assertThat(call.join().text()).isEqualTo("at last");
    }

    @Test
    void failure_ofOneWhileAnotherIsPending_waitsForThat() {
        Call call = race(RaceOptions.DEFAULTS, "a", "b");
        fixture.sent().reply(BROKEN);
        assertThat(call.isDone()).isFalse();

        fixture.sent().reply("good");

        assertThat(call.join().text()).isEqualTo("good");
    }

    @Test
    void failure_ofAll_isThatOfTheFirstToFail() {
        Call call = race(RaceOptions.DEFAULTS, "a", "b");
        SentRequest first = fixture.sent();
        fixture.sent().reply(WORSE);
        first.reply(BROKEN);

        assertThat(Failed.with(call)).hasMessageContaining("second");
    }

    @Test
    void close_startsNoOther() {
        Call call = race(STAGGERED, "a", "b");
        fixture.sent();

        fixture.requester.close(ScriptedTransport.failure(ErrorCode.CLOSED));

        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.CLOSED);
        assertThat(fixture.transport.requests).isEmpty();
    }

    @Test
    void cancel_twice_worksOnce() {
        Call call = race(RaceOptions.DEFAULTS, "a", "b");

        assertThat(call.cancel()).isTrue();
        assertThat(call.cancel()).isFalse();

        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.CANCELLED);
    }

    @Test
    void hedging_withoutBudget_sendsOneCopyOnly() {
        RaceOptions hedged = RaceOptions.DEFAULTS.withHedging(Hedging.after(Duration.ofMillis(10)));
        for (int i = 0; i < 9; i++) {
            Call call = race(hedged, "a", "a");
            SentRequest only = fixture.sent();
            fixture.advance(Duration.ofMillis(50));
            assertThat(fixture.transport.requests).as("race %d", i).isEmpty();
            only.reply("slow");
            call.join();
        }
        race(hedged, "a", "a");
        SentRequest tenth = fixture.sent();
        fixture.advance(Duration.ofMillis(50));
        fixture.sent();
        tenth.reply("with a copy");
    }

    /** All have failed before the time of the next copy: without budget, that is the end. */
    @Test
    void hedging_failsWithoutBudget_fails() {
        Call call = race(RaceOptions.DEFAULTS.withHedging(Hedging.after(Duration.ofMillis(10))), "a", "a");
        fixture.sent().reply(BROKEN);

        assertThat(Failed.with(call)).hasMessageContaining("first");
        assertThat(fixture.transport.requests).isEmpty();
    }
}
