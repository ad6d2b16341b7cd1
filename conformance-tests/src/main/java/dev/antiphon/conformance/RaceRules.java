package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Hedging;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RaceOptions;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Rules about several copies of one request: {@code RAC} in the specification. */
interface RaceRules extends Conformance {
    RaceOptions PATIENT = RaceOptions.DEFAULTS.withRequest(RequestOptions.timeout(Duration.ofMinutes(1)));

    @Rule("RAC-01")
    default void race_isWonByTheFirstReplyAndTheOthersAreCancelled() {
        String subject = unique("race");
        Messenger slow = connect();
        Gate gate = gate();
        CompletableFuture<Void> cancelled = new CompletableFuture<>();
        slow.respond(subject + ".slow", request -> {
            request.onCancel(() -> cancelled.complete(null));
            gate.pass();
            return Message.of("slow");
        });
        connect().respond(subject + ".fast", request -> {
            eventually(
                    "the slow one has begun", () -> assertThat(gate.arrived()).isEqualTo(1));
            return Message.of("fast");
        });
        Messenger requester = connect();

        Call call = requester.race(List.of(subject + ".slow", subject + ".fast"), Message.of("?"), PATIENT);

        assertThat(get(call.toCompletableFuture()).text()).isEqualTo("fast");
        get(cancelled);
        assertThat(requester.stats().inFlight()).isZero();
        assertThat(requester.stats().consistent()).isTrue();
    }

    @Rule("RAC-02")
    default void race_goesOnAfterAFailureAndFailsWhenAllHave() {
        String subject = unique("failing");
        Messenger responder = connect();
        responder.respond(subject + ".bad", request -> {
            throw new RemoteException("BAD", "first");
        });
        responder.respond(subject + ".worse", request -> {
            throw new RemoteException("WORSE", "second");
        });
        responder.respond(subject + ".good", Request::message);
        Messenger requester = connect();
        RaceOptions oneByOne = PATIENT.withStagger(Duration.ofMinutes(1));

        Call wins = requester.race(List.of(subject + ".bad", subject + ".good"), Message.of("?"), oneByOne);
        Call fails = requester.race(List.of(subject + ".bad", subject + ".worse"), Message.of("?"), oneByOne);

        assertThat(get(wins.toCompletableFuture()).text()).isEqualTo("?");
        assertThat(assertFails(ErrorCode.REMOTE, fails)).hasMessageContaining("first");
        assertThat(requester.stats().inFlight()).isZero();
    }

    @Rule("RAC-03")
    default void hedging_staysWithinItsBudget() {
        String subject = unique("budget");
        ParkedRequests parked = new ParkedRequests(timing());
        connect().respondAsync(subject, parked, RespondOptions.queueGroup("g"));
        Messenger requester = connect();
        RaceOptions hedged =
                PATIENT.withHedging(Hedging.after(Duration.ofMillis(1)).withBudget(10));
        int requests = 50;

        for (int i = 1; i <= requests; i++) {
            Call call = requester.race(List.of(subject, subject), Message.of("" + i), hedged);
            if (i == requests) {
                eventually("a copy is sent", () -> assertThat(parked.seen()).isGreaterThan(requests));
            }
            eventually("it is answered", () -> {
                parked.echoAll();
                assertThat(call.isDone()).isTrue();
            });
            get(call.toCompletableFuture());
        }

        assertThat(parked.seen()).as("requests and copies").isBetween(requests + 1, requests + requests / 10);
    }

    @Rule("RAC-04")
    default void raceThatIsCancelled_cancelsItsCopies() {
        String subject = unique("cancelled");
        ParkedRequests parked = new ParkedRequests(timing());
        Messenger responder = connect();
        responder.respondAsync(subject, parked);
        Messenger requester = connect();
        Call call = requester.race(List.of(subject, subject), Message.of("?"), PATIENT);
        parked.await(2);

        call.cancel();

        assertFails(ErrorCode.CANCELLED, call);
        assertThat(requester.stats().inFlight()).isZero();
        eventually(
                "both are told",
                () -> assertThat(responder.stats().requestsCancelled()).isEqualTo(2));
        parked.echoAll();
    }
}
