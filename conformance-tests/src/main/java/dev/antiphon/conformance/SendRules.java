package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.SendOptions;
import dev.antiphon.SendOptions.Confirmation;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.List;

/** Rules about messages that are confirmed, without a reply: {@code SND} in the specification. */
interface SendRules extends Conformance {
    SendOptions PATIENT = SendOptions.DEFAULTS.withRequest(RequestOptions.timeout(Duration.ofMinutes(1)));

    @Rule("SND-01")
    default void send_isDoneWhenTheHandlerIs() {
        String subject = unique("done");
        ParkedRequests parked = new ParkedRequests(timing());
        connect().respondAsync(subject, parked);
        Messenger sender = connect();

        Call call = sender.send(subject, Message.of("work"), PATIENT);
        parked.await(1);
        assertThat(call.isDone()).as("done before its handler").isFalse();
        parked.answerOne("a long report");

        assertThat(get(call.toCompletableFuture()).size())
                .as("bytes of the confirmation")
                .isZero();
        assertThat(sender.stats().inFlight()).isZero();
    }

    @Rule("SND-02")
    default void send_isAcceptedWhenTheHandlerSaysSo() {
        String subject = unique("accepted");
        Gate gate = gate();
        Messenger responder = connect();
        responder.respond(
                subject,
                request -> {
                    gate.pass();
                    request.accept();
                    return Message.of("for nobody");
                },
                RespondOptions.DEFAULTS.withAutoAccept(false));
        Messenger sender = connect();

        Call call = sender.send(subject, Message.of("work"), PATIENT.withConfirmation(Confirmation.ACCEPTED));
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));
        assertThat(call.isDone()).isFalse();
        gate.open();

        get(call.toCompletableFuture());
        eventually(
                "the handler ends",
                () -> assertThat(responder.stats().handlersRunning()).isZero());
        roundTrip(sender);
        assertThat(sender.stats().duplicateReplies())
                .as("replies nobody asked for")
                .isZero();
    }

    @Rule("SND-03")
    default void send_isRoutedWhenSomebodyServesTheSubject() {
        String subject = unique("routed");
        ParkedRequests parked = new ParkedRequests(timing());
        connect().respondAsync(subject, parked);
        Messenger sender = connect();
        SendOptions routed = PATIENT.withConfirmation(Confirmation.ROUTED);
        if (!supports(Capability.NO_RESPONDERS)) {
            assertThrows(ErrorCode.UNSUPPORTED, () -> sender.send(subject, Message.of("work"), routed));
            return;
        }

        get(sender.send(subject, Message.of("work"), routed).toCompletableFuture());

        parked.await(1);
        parked.echoAll();
        assertFails(ErrorCode.NO_RESPONDERS, sender.send(subject + ".nobody", Message.of("work"), routed));
        assertThat(sender.stats().inFlight()).isZero();
    }

    @Rule("SND-04")
    default void send_thatFails_saysWhy() {
        String subject = unique("failing");
        connect().respond(subject, request -> {
            throw new RemoteException("FULL", "no room");
        });
        HeldRequests.at(rawClient(), subject + ".silent", timing());
        Messenger sender = connect();

        assertThat(assertFails(ErrorCode.REMOTE, sender.send(subject, Message.of("work"), PATIENT)))
                .hasMessageContaining("no room");
        for (Confirmation confirmation : List.of(Confirmation.ACCEPTED, Confirmation.DONE)) {
            assertFails(
                    ErrorCode.TIMEOUT,
                    sender.send(
                            subject + ".silent",
                            Message.of("work"),
                            SendOptions.DEFAULTS
                                    .withConfirmation(confirmation)
                                    .withRequest(RequestOptions.timeout(Duration.ofMillis(100)))));
        }
        assertThat(sender.stats().inFlight()).isZero();
    }
}
