package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.StreamOptions;
import dev.antiphon.spi.ReplyAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The requester's end of a stream: order, credit, signs of life; and what the subscriber is told. */
class StreamCallTest {

    private static final String FIRST = ";x=00000000001";
    private static final String SECOND = ";x=00000000002";
    private static final StreamOptions OPTIONS = StreamOptions.DEFAULTS
            .withTimeout(Duration.ofSeconds(30))
            .withGapTimeout(Duration.ofMillis(400))
            .withWindow(4);

    private final RequesterFixture fixture = new RequesterFixture();
    private final Operations operations = fixture.operations();
    private final ReplyAddress wayBack = new ScriptedDelivery("way back", Message.empty(), false);
    private final ReplyAddress otherWayBack = new ScriptedDelivery("other way back", Message.empty(), false);

    @AfterEach
    void nothingIsLeft() {
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
        assertThat(fixture.requester.alarms().pending()).as("alarms").isZero();
    }

    private SentRequest open(StreamProbe probe) {
        operations.stream("a", Message.of("?"), OPTIONS).subscribe(probe);
        return fixture.sent();
    }

    private static void item(SentRequest sent, int number, ReplyAddress from) {
        sent.frame((number == 0 ? "item" : "item;n=" + number) + FIRST, "" + number, from);
    }

    private void items(SentRequest sent, int from, int to) {
        for (int i = from; i < to; i++) {
            item(sent, i, null);
        }
    }

    private List<String> framesSent() {
        List<SentFrame> sent = new ArrayList<>();
        fixture.transport.frames.drainTo(sent);
        return sent.stream().map(SentFrame::frame).toList();
    }

    // -- Order --

    @Test
    void request_saysHowItFlows() {
        StreamProbe probe = StreamProbe.greedy();
        assertThat(open(probe).wants()).isEqualTo("1;accepted;stream;credit=4;gap=400");
        probe.cancel();
    }

    @Test
    void items_inOrder_thenTheEnd() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        items(sent, 0, 3);
        sent.frame("end;n=3" + FIRST, null);
        item(sent, 3, null);

        assertThat(probe.signals).containsExactly("0", "1", "2", "done");
    }

    @Test
    void item_repeated_isIgnored() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        items(sent, 0, 2);
        items(sent, 0, 3);
        sent.frame("end;n=3" + FIRST, null);

        assertThat(probe.signals).containsExactly("0", "1", "2", "done");
        assertThat(fixture.counters.framesIgnored.sum()).isEqualTo(2);
    }

    @Test
    void item_missing_endsItAndTellsTheResponder() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        item(sent, 0, wayBack);
        item(sent, 2, wayBack);

        assertThat(probe.signals).containsExactly("0", "failed");
        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.DATA_LOSS);
        assertThat(probe.failure()).hasMessageContaining("item 1");
        assertThat(framesSent()).containsExactly("cancel");
    }

    @Test
    void end_withAnotherCount_isALoss() {
        for (String count : List.of("end;n=1", "end;n=3")) {
            StreamProbe probe = StreamProbe.greedy();
            SentRequest sent = open(probe);
            items(sent, 0, 2);
            sent.frame(count + FIRST, null);

            assertThat(probe.ourFailure().code()).as(count).isEqualTo(ErrorCode.DATA_LOSS);
        }
    }

    @Test
    void error_comesAfterTheItems() {
        StreamProbe probe = new StreamProbe(1);
        SentRequest sent = open(probe);
        items(sent, 0, 2);
        Message error = ControlCodec.errorReply(new RemoteException("BROKEN", "sorry"));
        sent.reply(new Frame(Frame.Kind.ERROR, 2, 1).on(error));
        assertThat(probe.signals).containsExactly("0");

        probe.ask(1);

        assertThat(probe.signals).containsExactly("0", "1", "failed");
        assertThat(probe.failure()).isInstanceOf(RemoteException.class).hasMessageContaining("sorry");
    }

    /** As {@code end} does. */
    @Test
    void error_withAnotherCount_isALoss() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        items(sent, 0, 1);
        Message error = ControlCodec.errorReply(new RemoteException("BROKEN", "sorry"));

        sent.reply(new Frame(Frame.Kind.ERROR, 2, 1).on(error));

        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.DATA_LOSS);
        assertThat(probe.failure().getCause()).hasMessageContaining("sorry");
    }

    @Test
    void error_thatCanNotBeRead_isALoss() {
        StreamProbe probe = StreamProbe.greedy();
        open(probe).frame("error" + FIRST, null);

        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.DATA_LOSS);
    }

    // -- Credit --

    @Test
    void credit_isGivenWhenHalfTheWindowIsConsumed() {
        StreamProbe probe = new StreamProbe(1);
        SentRequest sent = open(probe);
        item(sent, 0, wayBack);
        items(sent, 1, 4);
        assertThat(framesSent()).as("one of four consumed").isEmpty();

        probe.ask(1);
        assertThat(framesSent()).containsExactly("credit;n=6");
        probe.ask(2);
        assertThat(framesSent()).containsExactly("credit;n=8");
        probe.cancel();
    }

    @Test
    void item_beyondTheCredit_endsIt() {
        StreamProbe probe = new StreamProbe(0);
        SentRequest sent = open(probe);
        items(sent, 0, 5);

        probe.ask(10);

        assertThat(probe.items).containsExactly("0", "1", "2", "3");
        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    }

    // -- Signs of life --

    @Test
    void credit_isRepeatedAsASignOfLife() {
        StreamProbe probe = new StreamProbe(0);
        SentRequest sent = open(probe);
        sent.frame("accepted" + FIRST, wayBack);
        for (int i = 0; i < 3; i++) {
            fixture.advance(Duration.ofMillis(110));
        }

        assertThat(framesSent()).containsExactly("credit;n=4", "credit;n=4", "credit;n=4");
        probe.cancel();
    }

    @Test
    void silence_ofTheGap_endsIt() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        item(sent, 0, wayBack);
        fixture.advance(Duration.ofMillis(300));
        sent.frame("accepted" + FIRST, wayBack);
        fixture.advance(Duration.ofMillis(300));
        assertThat(probe.signals).as("300 ms after a sign of life").containsExactly("0");
        framesSent();

        fixture.advance(Duration.ofMillis(110));

        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(framesSent()).containsExactly("cancel");
    }

    @Test
    void otherResponder_isCancelledAndIsNoSignOfLife() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        sent.frame("accepted" + FIRST, wayBack);
        fixture.advance(Duration.ofMillis(300));
        framesSent();

        sent.frame("accepted" + SECOND, otherWayBack);
        sent.frame("item" + SECOND, "of the other", null);

        SentFrame frame = fixture.transport.nextFrame();
        assertThat(frame.kind()).isEqualTo("cancel");
        assertThat(frame.to()).isSameAs(otherWayBack);
        assertThat(probe.items).isEmpty();
        fixture.advance(Duration.ofMillis(110));
        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.TIMEOUT);
    }

    @Test
    void nobodyThere_beforeAndAfterItWasHeardOf_areTwoThings() {
        StreamProbe never = StreamProbe.greedy();
        open(never).noResponders();
        StreamProbe gone = StreamProbe.greedy();
        SentRequest sent = open(gone);
        item(sent, 0, wayBack);
        sent.noResponders();

        assertThat(never.ourFailure().code()).isEqualTo(ErrorCode.NO_RESPONDERS);
        assertThat(gone.ourFailure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(gone.ourFailure().mayHaveExecuted()).isTrue();
    }

    @Test
    void responder_leaves_itIsUnavailable() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        item(sent, 0, wayBack);
        sent.reply(ControlCodec.goingAway());

        assertThat(probe.signals).containsExactly("0", "failed");
        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    }

    // -- Those who know no streams --

    @Test
    void plainReply_isTheOnlyItem() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        sent.reply("only");
        sent.reply("one more");

        assertThat(probe.signals).containsExactly("only", "done");
        assertThat(fixture.counters.duplicateReplies.sum()).isEqualTo(1);
    }

    @Test
    void plainReply_afterItems_isSurplus() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        item(sent, 0, null);
        sent.reply("of a stranger");
        sent.frame("end;n=1" + FIRST, null);

        assertThat(probe.signals).containsExactly("0", "done");
        assertThat(fixture.counters.duplicateReplies.sum()).isEqualTo(1);
    }

    // -- The subscriber --

    @Test
    void demand_isWhatIsHandedOver() {
        StreamProbe probe = new StreamProbe(0);
        SentRequest sent = open(probe);
        items(sent, 0, 4);
        assertThat(probe.items).isEmpty();
        probe.ask(1);
        assertThat(probe.items).hasSize(1);
        probe.ask(2);
        assertThat(probe.items).hasSize(3);
        probe.ask(Long.MAX_VALUE);
        probe.ask(Long.MAX_VALUE);
        sent.frame("end;n=4" + FIRST, null);

        assertThat(probe.signals).containsExactly("0", "1", "2", "3", "done");
    }

    @Test
    void demand_ofNothing_endsIt() {
        for (long bad : new long[] {0, -1}) {
            StreamProbe probe = new StreamProbe(1);
            SentRequest sent = open(probe);
            item(sent, 0, wayBack);

            probe.ask(bad);

            assertThat(probe.signals).containsExactly("0", "failed");
            assertThat(probe.failure()).isInstanceOf(IllegalArgumentException.class);
            assertThat(framesSent()).containsExactly("cancel");
        }
    }

    @Test
    void cancel_withinAnItem_bringsNoFurtherSignal() {
        StreamProbe probe = new StreamProbe(0);
        SentRequest sent = open(probe);
        item(sent, 0, wayBack);
        items(sent, 1, 3);
        probe.onItem = item -> probe.cancel();

        probe.ask(3);
        sent.frame("end;n=3" + FIRST, null);
        probe.ask(3);

        assertThat(probe.signals).containsExactly("0");
        assertThat(framesSent()).containsExactly("cancel");
    }

    @Test
    void subscriber_throws_isCancelled() {
        StreamProbe probe = StreamProbe.greedy();
        probe.onItem = item -> {
            throw new IllegalStateException("a defect");
        };
        SentRequest sent = open(probe);

        item(sent, 0, wayBack);

        assertThat(probe.signals).containsExactly("0");
        assertThat(framesSent()).containsExactly("cancel");
    }

    @Test
    void request_refused_failsTheSubscriber() {
        fixture.transport.onRequest = sent -> sent.fail(ErrorCode.TOO_LARGE);
        StreamProbe probe = StreamProbe.greedy();

        operations.stream("a", Message.of("?"), OPTIONS).subscribe(probe);

        AntiphonException failure = probe.ourFailure();
        assertThat(failure.code()).isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(failure.subject()).isEqualTo("a");
    }

    @Test
    void close_failsTheSubscriber() {
        StreamProbe probe = StreamProbe.greedy();
        SentRequest sent = open(probe);
        item(sent, 0, wayBack);

        fixture.requester.close(ScriptedTransport.failure(ErrorCode.CLOSED));

        assertThat(probe.signals).containsExactly("0", "failed");
        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.CLOSED);
        assertThat(framesSent()).as("the responder hears of it").containsExactly("cancel");
    }
}
