package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RequestOptions;
import dev.antiphon.spi.ReplyAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rule E10 and the requester's side of cancellation. */
class FramedCallTest {

    private static final RequestOptions CANCELLABLE = RequestOptions.DEFAULTS.withCancellable(true);
    private static final RequestOptions QUICKLY = RequestOptions.DEFAULTS.withAcceptTimeout(Duration.ofMillis(100));

    private final RequesterFixture fixture = new RequesterFixture();
    private final ReplyAddress wayBack = new ScriptedDelivery("way back", Message.empty(), false);

    @AfterEach
    void nothingIsLeft() {
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
        assertThat(fixture.requester.alarms().pending()).isZero();
    }

    @Test
    void request_plain_saysNothing() {
        fixture.request();
        SentRequest sent = fixture.sent();

        assertThat(sent.wants()).isEqualTo("none");
        sent.reply("reply");
    }

    @Test
    void acceptTimeout_nobodyAccepts_endsTheCallEarly() {
        Call call = fixture.request(QUICKLY);
        assertThat(fixture.sent().wants()).isEqualTo("1;accepted");

        fixture.advance(Duration.ofMillis(95));
        assertThat(call.isDone()).isFalse();
        fixture.advance(Duration.ofMillis(8));

        AntiphonException failure = Failed.with(call);
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failure.mayHaveExecuted()).isTrue();
        assertThat(failure).hasMessageContaining("no responder began");
    }

    @Test
    void acceptTimeout_accepted_leavesTheTimeout() {
        Call call = fixture.request(QUICKLY);
        SentRequest sent = fixture.sent();
        sent.frame("accepted;x=00000000001", wayBack);

        fixture.advance(Duration.ofMillis(900));
        assertThat(call.isDone()).isFalse();
        sent.reply("reply");

        assertThat(call.join().text()).isEqualTo("reply");
        assertThat(fixture.transport.frames).isEmpty();
    }

    @Test
    void acceptTimeout_plainReplyInTime_isTheReply() {
        Call call = fixture.request(QUICKLY);
        fixture.sent().reply("of a native responder");

        assertThat(call.join().text()).isEqualTo("of a native responder");
    }

    @Test
    void cancel_afterAcceptance_tellsTheResponder() {
        Call call = fixture.request(CANCELLABLE);
        SentRequest sent = fixture.sent();
        sent.frame("accepted", wayBack);

        assertThat(call.cancel()).isTrue();

        SentFrame frame = fixture.transport.nextFrame();
        assertThat(frame.kind()).isEqualTo("cancel");
        assertThat(frame.to()).isSameAs(wayBack);
    }

    @Test
    void cancel_beforeAcceptance_answersTheAcceptance() {
        Call call = fixture.request(CANCELLABLE);
        SentRequest sent = fixture.sent();
        call.cancel();
        assertThat(fixture.transport.frames).isEmpty();

        sent.frame("accepted", wayBack);

        assertThat(fixture.transport.nextFrame().kind()).isEqualTo("cancel");
        assertThat(fixture.counters.framesIgnored.sum()).isEqualTo(1);
        assertThat(fixture.listener.surplus).isEmpty();
    }

    @Test
    void timeout_accepted_tellsTheResponder() {
        Call call = fixture.request(CANCELLABLE);
        fixture.sent().frame("accepted", wayBack);

        fixture.advance(RequesterFixture.TIMEOUT.plusMillis(2));

        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(fixture.transport.nextFrame().kind()).isEqualTo("cancel");
    }

    @Test
    void frame_afterTheReply_isIgnored() {
        fixture.request(CANCELLABLE);
        SentRequest sent = fixture.sent();
        sent.reply("reply");
        sent.frame("accepted", wayBack);

        assertThat(fixture.transport.frames).isEmpty();
        assertThat(fixture.counters.framesIgnored.sum()).isEqualTo(1);
    }

    @Test
    void progress_arrives_inOrderAndNotAfterTheEnd() {
        List<String> progress = new CopyOnWriteArrayList<>();
        Call call = fixture.request(RequestOptions.DEFAULTS.withOnProgress(message -> progress.add(message.text())));
        SentRequest sent = fixture.sent();
        assertThat(sent.wants()).isEqualTo("1;accepted;progress");

        sent.frame("accepted", wayBack);
        sent.frame("progress", "10 %", wayBack);
        sent.frame("progress", "20 %", wayBack);
        sent.reply("done");
        sent.frame("progress", "30 %", wayBack);

        assertThat(progress).containsExactly("10 %", "20 %");
        assertThat(call.join().text()).isEqualTo("done");
    }

    @Test
    void idempotent_responderLeaves_isSentAgain() {
        Call call = fixture.request(RequestOptions.DEFAULTS.withIdempotent(true));
        fixture.sent().reply(ControlCodec.goingAway());
        assertThat(call.isDone()).isFalse();

        SentRequest again = fixture.sent();
        assertThat(again.outbound().message().text()).isEqualTo("request");
        again.reply("from another one");

        assertThat(call.join().text()).isEqualTo("from another one");
    }

    @Test
    void idempotent_allLeave_failsInTheEnd() {
        Call call = fixture.request(RequestOptions.DEFAULTS.withIdempotent(true));
        for (int i = 0; i < 4; i++) {
            fixture.sent().reply(ControlCodec.errorReply(ErrorCode.UNAVAILABLE, "leaving"));
        }

        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(fixture.transport.requests).isEmpty();
    }

    @Test
    void goingAway_notIdempotent_failsAndMayHaveExecuted() {
        Call call = fixture.request();
        fixture.sent().reply(ControlCodec.goingAway());

        AntiphonException failure = Failed.with(call);
        assertThat(failure.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(failure.retryable()).isTrue();
        assertThat(failure.mayHaveExecuted()).isTrue();
    }

    /** Whatever stands in the header, the call goes on or ends, and is not left behind. */
    @Test
    void frames_random_changeNothing() {
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            Call call = fixture.request(CANCELLABLE);
            SentRequest sent = fixture.sent();
            for (int j = 0; j < 5; j++) {
                String value = FrameTest.randomValue(random);
                sent.frame(value, random.nextBoolean() ? wayBack : null);
            }
            sent.reply("reply");
            assertThat(call.isDone()).as("seed %d", seed).isTrue();
            fixture.transport.frames.clear();
        }
    }
}
