package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rule E6: what becomes of a request when the connection, or the address of its reply, is lost. */
class DisconnectPolicyTest {

    private static final RequestOptions FAIL = RequestOptions.DEFAULTS.withOnDisconnect(DisconnectPolicy.FAIL);
    private static final RequestOptions WAIT = RequestOptions.DEFAULTS.withOnDisconnect(DisconnectPolicy.WAIT);
    private static final RequestOptions RESEND =
            RequestOptions.DEFAULTS.withOnDisconnect(DisconnectPolicy.RESEND).withIdempotent(true);

    private final RequesterFixture fixture = new RequesterFixture();

    @AfterEach
    void nothingIsLeft() {
        fixture.requester.close(new AntiphonException(ErrorCode.CLOSED, "closed"));
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
    }

    @Test
    void fail_notConnected_failsAtOnceAndWasNotSent() {
        disconnect();

        AntiphonException failure = failureOf(fixture.request(FAIL));

        assertThat(failure.code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(failure.mayHaveExecuted()).isFalse();
    }

    @Test
    void fail_connectionLostAfterTheSend_failsAndMayHaveExecuted() {
        PendingCall call = fixture.request(FAIL);

        disconnect();

        AntiphonException failure = failureOf(call);
        assertThat(failure.code()).isEqualTo(ErrorCode.CONNECTION_LOST);
        assertThat(failure.mayHaveExecuted()).isTrue();
    }

    @Test
    void fail_connectionLostDuringTheSend_failsWhenTheSendHasEnded() {
        fixture.transport.onRequest = sent -> {
            fixture.state(ConnectionState.RECONNECTING);
            sent.confirm(); // it was in the socket's buffer
        };

        PendingCall call = fixture.request(FAIL);
        fixture.state(ConnectionState.CONNECTED);

        assertThat(call.isDone()).as("nobody will answer").isTrue();
        assertThat(failureOf(call).code()).isEqualTo(ErrorCode.CONNECTION_LOST);
    }

    @Test
    void wait_notConnected_isSentOnceAfterTheReconnect() {
        disconnect();
        PendingCall call = fixture.request(WAIT);
        assertThat(call.isDone()).isFalse();
        fixture.advance(Duration.ofMillis(400));

        reconnect();

        SentRequest sent = fixture.sent();
        assertThat(fixture.transport.requests).isEmpty();
        assertThat(sent.budget()).as("what is left of the second").isEqualTo("600");
        sent.reply("reply");
        assertThat(call.join().text()).isEqualTo("reply");
    }

    @Test
    void wait_stillNotConnected_timesOutUnsent() {
        disconnect();
        PendingCall call = fixture.request(WAIT);

        fixture.advance(RequesterFixture.TIMEOUT.plusMillis(2));
        reconnect();

        AntiphonException failure = failureOf(call);
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failure.mayHaveExecuted()).isFalse();
        assertThat(failure.getMessage()).contains("could not be sent");
        assertThat(fixture.transport.requests).isEmpty();
    }

    @Test
    void wait_deadlinePassedButNotYetTicked_isNotSentLate() {
        disconnect();
        fixture.request(WAIT);
        fixture.clock.advance(RequesterFixture.TIMEOUT);

        reconnect();

        assertThat(fixture.transport.requests).isEmpty();
    }

    @Test
    void wait_connectionLostAfterTheSend_mayStillBeAnswered() {
        PendingCall call = fixture.request(WAIT);
        SentRequest sent = fixture.sent();

        disconnect();
        reconnect();
        sent.reply("reply");

        assertThat(call.join().text()).isEqualTo("reply");
        assertThat(fixture.transport.requests).as("sent once").isEmpty();
    }

    @Test
    void wait_refusedWhileTheConnectionComesBack_isSentAtOnce() {
        fixture.transport.onRequest = sent -> {
            fixture.state(ConnectionState.RECONNECTING);
            reconnect(); // visits the table while this request is being sent
            sent.fail(ErrorCode.NOT_CONNECTED);
        };

        PendingCall call = fixture.request(WAIT);

        fixture.sent().reply("reply");
        assertThat(call.join().text()).isEqualTo("reply");
    }

    @Test
    void wait_replyAddressMoved_fails() {
        PendingCall call = fixture.request(WAIT);

        fixture.transport.moveChannel();

        assertThat(failureOf(call).code()).isEqualTo(ErrorCode.CONNECTION_LOST);
    }

    @Test
    void wait_replyAddressMovedBeforeItWasSent_goesOn() {
        disconnect();
        PendingCall call = fixture.request(WAIT);
        fixture.transport.moveChannel();

        reconnect();

        fixture.sent().reply("reply");
        assertThat(call.join().text()).isEqualTo("reply");
    }

    @Test
    void resend_connectionLostAfterTheSend_isSentAgainWithWhatIsLeft() {
        PendingCall call = fixture.request(RESEND);
        SentRequest first = fixture.sent();
        disconnect();
        fixture.advance(Duration.ofMillis(250));

        reconnect();

        SentRequest second = fixture.sent();
        assertThat(first.budget()).isEqualTo("1000");
        assertThat(second.budget()).isEqualTo("750");
        assertThat(second.correlationId()).isEqualTo(first.correlationId());
        assertThat(second.outbound().message().text()).isEqualTo("request");
        second.reply("reply");
        assertThat(call.join().text()).isEqualTo("reply");
    }

    @Test
    void resend_replyAddressMovedWithTheConnection_isSentAgain() {
        PendingCall call = fixture.request(RESEND);
        fixture.sent();
        disconnect();
        fixture.transport.moveChannel();

        reconnect();

        fixture.sent().reply("reply");
        assertThat(call.join().text()).isEqualTo("reply");
    }

    @Test
    void resend_replyAddressMovedWhileConnected_isSentAgainAtOnce() {
        PendingCall call = fixture.request(RESEND);
        fixture.sent();

        fixture.transport.moveChannel();

        fixture.sent().reply("reply");
        assertThat(call.join().text()).isEqualTo("reply");
    }

    @Test
    void resend_asDefaultForWhatIsNotIdempotent_waits() {
        EngineSettings settings = new EngineSettings(
                "test",
                RequesterFixture.TIMEOUT,
                16,
                dev.antiphon.OverloadPolicy.WAIT,
                DisconnectPolicy.RESEND,
                Duration.ZERO);
        RequesterFixture resending = new RequesterFixture(settings, null);
        PendingCall call = resending.request();
        SentRequest sent = resending.sent();

        resending.state(ConnectionState.RECONNECTING);
        resending.state(ConnectionState.CONNECTED);
        sent.reply("reply");

        assertThat(resending.transport.requests).as("sent once").isEmpty();
        assertThat(call.join().text()).isEqualTo("reply");
    }

    private void disconnect() {
        fixture.transport.onRequest = sent -> sent.fail(ErrorCode.NOT_CONNECTED);
        fixture.state(ConnectionState.RECONNECTING);
    }

    private void reconnect() {
        fixture.transport.onRequest = fixture.transport::keepAndConfirm;
        fixture.state(ConnectionState.CONNECTED);
    }

    private static AntiphonException failureOf(PendingCall call) {
        assertThat(call.isDone()).isTrue();
        return catchThrowableOfType(AntiphonException.class, call::join);
    }
}
