package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.SurplusReply;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.CorrelationId;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Rule E7: what comes for nobody is told apart, counted and offered to the hook. */
class SurplusReplyTest {

    private static final Duration PRECISION = Duration.ofMillis(2);

    private final RequesterFixture fixture = new RequesterFixture();

    @Test
    void reply_afterTheTimeout_isLateByTheDifference() {
        PendingCall call = fixture.request();
        SentRequest sent = fixture.sent();
        fixture.advance(RequesterFixture.TIMEOUT);
        fixture.clock.advance(Duration.ofMillis(50));

        sent.reply("late");

        assertThat(call.ending()).isEqualTo(Ending.TIMED_OUT);
        SurplusReply surplus = only(SurplusReply.Kind.LATE);
        assertThat(surplus.message().text()).isEqualTo("late");
        assertThat(surplus.requestId()).isEqualTo(call.id());
        assertThat(surplus.lateBy().orElseThrow()).isBetween(Duration.ofMillis(50), Duration.ofMillis(52));
        assertThat(fixture.counters.lateReplies.sum()).isEqualTo(1);
    }

    @Test
    void reply_secondOne_isADuplicate() {
        fixture.request();
        SentRequest sent = fixture.sent();
        sent.reply("first");

        sent.reply("second");

        assertThat(only(SurplusReply.Kind.DUPLICATE).message().text()).isEqualTo("second");
        assertThat(fixture.counters.duplicateReplies.sum()).isEqualTo(1);
        assertThat(fixture.counters.repliesReceived.sum()).isEqualTo(1);
    }

    @Test
    void reply_toACancelledCallAfterLongIdleness_isNotLateByTheIdleTime() {
        fixture.requester.tick(fixture.clock.getAsLong());
        fixture.clock.advance(Duration.ofHours(1)); // while the ticker sleeps
        PendingCall call = fixture.request();
        call.cancel();

        fixture.sent().reply("late");

        assertThat(only(SurplusReply.Kind.LATE).lateBy().orElseThrow()).isLessThanOrEqualTo(PRECISION);
    }

    @Test
    void reply_withAnIdNeverUsed_isUnknown() {
        fixture.requester.onReply(42, Message.of("whose?"));

        SurplusReply surplus = only(SurplusReply.Kind.UNKNOWN);
        assertThat(surplus.requestId()).isEqualTo(CorrelationId.toText(42));
        assertThat(surplus.lateBy()).isEmpty();
        assertThat(fixture.counters.unknownReplies.sum()).isEqualTo(1);
    }

    @Test
    void reply_withAnUnreadableCorrelation_isUnknown() {
        fixture.requester.onUnreadable("?!", Message.of("whose?"));

        assertThat(only(SurplusReply.Kind.UNKNOWN).requestId()).isEqualTo("?!");
        assertThat(fixture.counters.unknownReplies.sum()).isEqualTo(1);
    }

    @Test
    void reply_surplus_isShownWithoutControlHeaders() {
        fixture.requester.onReply(42, Message.of("x").withHeader("a", "1").withHeader(ControlHeaders.ERROR, "REMOTE"));

        assertThat(only(SurplusReply.Kind.UNKNOWN).message().headers().names()).containsExactly("a");
    }

    @Test
    void noResponders_forACallThatHasEnded_isIgnored() {
        fixture.request();
        SentRequest sent = fixture.sent();
        sent.reply("reply");

        sent.noResponders();

        assertThat(fixture.counters.noResponders.sum()).isZero();
        assertThat(fixture.listener.surplus).isEmpty();
    }

    @Test
    void reply_afterNoResponders_isLate() {
        fixture.request();
        SentRequest sent = fixture.sent();
        sent.noResponders();

        sent.reply("reply");

        only(SurplusReply.Kind.LATE);
    }

    @Test
    void reply_overtakesTheEndOfTheSend_isTheReply() {
        fixture.transport.onRequest = sent -> {
            sent.reply("quick");
            sent.confirm();
        };

        PendingCall call = fixture.request();

        assertThat(call.join().text()).isEqualTo("quick");
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
        assertThat(fixture.listener.surplus).isEmpty();
    }

    @Test
    void reply_beforeTheSendFails_isTheReply() {
        fixture.transport.onRequest = sent -> {
            sent.reply("quick");
            throw new IllegalStateException("after it was sent");
        };

        assertThat(fixture.request().join().text()).isEqualTo("quick");
        assertThat(fixture.counters.requestsFailed.sum()).isZero();
    }

    @Test
    void confirm_twice_changesNothing() {
        fixture.transport.onRequest = sent -> {
            sent.confirm();
            sent.confirm();
            fixture.transport.requests.add(sent);
        };
        PendingCall call = fixture.request();

        fixture.sent().reply("reply");

        assertThat(call.join().text()).isEqualTo("reply");
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
    }

    private SurplusReply only(SurplusReply.Kind kind) {
        assertThat(fixture.listener.surplus)
                .singleElement()
                .satisfies(surplus -> assertThat(surplus.kind()).isEqualTo(kind));
        return fixture.listener.surplus.get(0);
    }
}
