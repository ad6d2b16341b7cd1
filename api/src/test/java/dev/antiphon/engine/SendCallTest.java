package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.SendOptions;
import dev.antiphon.SendOptions.Confirmation;
import dev.antiphon.spi.ReplyAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What confirms a message, and what does not. */
class SendCallTest {

    private final RequesterFixture fixture = new RequesterFixture();
    private final CompletableFuture<Void> flushed = new CompletableFuture<>();
    private final Operations operations = new Operations(
            fixture.requester, limit -> flushed, new Interceptors(List.of(), outgoing -> {}, fixture.requester));
    private final ReplyAddress wayBack = new ScriptedDelivery("way back", Message.empty(), false);

    @AfterEach
    void nothingIsLeft() {
        assertThat(fixture.holds()).isEqualTo("0 entries, 0 timers, 0 permits");
        assertThat(fixture.requester.alarms().pending()).as("alarms").isZero();
    }

    private Call send(Confirmation confirmation) {
        return operations.send("a", Message.of("work"), SendOptions.DEFAULTS.withConfirmation(confirmation), true);
    }

    @Test
    void done_isNotAccepted() {
        Call call = send(Confirmation.DONE);
        SentRequest sent = fixture.sent();
        assertThat(sent.wants()).isEqualTo("1;bodiless");
        sent.frame("accepted", wayBack);
        sent.frame("progress", "half", wayBack);
        assertThat(call.isDone()).isFalse();

        sent.reply("a body all the same");

        assertThat(call.join().size()).isZero();
    }

    @Test
    void accepted_byAFrame_ends() {
        Call call = send(Confirmation.ACCEPTED);
        SentRequest sent = fixture.sent();
        assertThat(sent.wants()).isEqualTo("1;accepted;no-reply");

        sent.frame("accepted", wayBack);

        assertThat(call.join().size()).isZero();
        assertThat(fixture.transport.frames).as("nothing to cancel").isEmpty();
    }

    /** A native responder knows no frames; who replies has accepted. */
    @Test
    void accepted_byAReply_ends() {
        Call call = send(Confirmation.ACCEPTED);

        fixture.sent().reply("of a native responder");

        assertThat(call.join().size()).isZero();
    }

    @Test
    void accepted_errorReply_fails() {
        Call call = send(Confirmation.ACCEPTED);

        fixture.sent().reply(ControlCodec.errorReply(new RemoteException("FULL", "no room")));

        assertThat(Failed.with(call)).hasMessageContaining("no room");
    }

    @Test
    void routed_isWhenTheBrokerHasSaidAllItHasToSay() {
        Call call = send(Confirmation.ROUTED);
        SentRequest sent = fixture.sent();
        assertThat(sent.wants()).isEqualTo("1;no-reply");
        assertThat(call.isDone()).isFalse();

        flushed.complete(null);

        assertThat(call.join().size()).isZero();
        sent.noResponders();
        assertThat(call.join().size()).as("it has ended").isZero();
    }

    @Test
    void routed_toNobody_fails() {
        Call call = send(Confirmation.ROUTED);
        fixture.sent().noResponders();
        flushed.complete(null);

        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.NO_RESPONDERS);
    }

    @Test
    void routed_theBrokerDoesNotSay_fails() {
        Call call = send(Confirmation.ROUTED);
        fixture.sent();

        flushed.completeExceptionally(ScriptedTransport.failure(ErrorCode.NOT_CONNECTED));

        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(Failed.with(call).mayHaveExecuted()).as("it was sent").isTrue();
        assertThat(Failed.with(call).subject()).isEqualTo("a");
    }

    @Test
    void timeout_withoutConfirmation_fails() {
        Call call = operations.send(
                "a",
                Message.of("work"),
                SendOptions.DEFAULTS.withRequest(RequestOptions.timeout(RequesterFixture.TIMEOUT)),
                true);
        fixture.sent();

        fixture.advance(RequesterFixture.TIMEOUT.plusMillis(5));

        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(Failed.with(call).mayHaveExecuted()).isTrue();
    }
}
