package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.Subscription;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/** Rules about requests that nobody serves: {@code NOR} in the specification. */
interface NoResponderRules extends Conformance {
    /** Much longer than a round trip. */
    RequestOptions PATIENT = RequestOptions.timeout(Duration.ofMinutes(1));

    RequestOptions BRIEF = RequestOptions.timeout(Duration.ofMillis(250));

    @Rule("NOR-01")
    default void requestThatNobodyServes_failsInARoundTrip() {
        String subject = unique("nobody");
        Messenger requester = connect();
        if (!supports(Capability.NO_RESPONDERS)) {
            assertFails(ErrorCode.TIMEOUT, requester.request(subject, Message.of("?"), BRIEF));
            assertThat(requester.stats().noResponders()).isZero();
            return;
        }
        Stopwatch stopwatch = new Stopwatch();

        Call call = requester.request(subject, Message.of("?"), PATIENT);
        AntiphonException failure = assertFails(ErrorCode.NO_RESPONDERS, call);

        stopwatch.assertLessThan(timing().grace());
        assertThat(failure.mayHaveExecuted()).isFalse();
        assertThat(failure.retryable()).isTrue();
        assertThat(failure.subject()).isEqualTo(subject);
        assertThat(failure.requestId()).isEqualTo(call.id());
        assertThat(requester.stats().noResponders()).isEqualTo(1);
        assertThat(requester.stats().inFlight()).isZero();
    }

    @Rule("NOR-02")
    default void requestThatMightBeUnserved_saysWhetherThatCanBeKnown() {
        String unserved = unique("nobody");
        String silent = unique("silent");
        HeldRequests.at(rawClient(), silent, timing());
        Messenger requester = connect();

        ErrorCode expected = unservedBesidePlainResponder();
        AntiphonException nobody =
                assertFails(expected, requester.request(unserved, Message.of("?"), timeFor(expected)));
        Stopwatch stopwatch = new Stopwatch();
        AntiphonException unanswered =
                assertFails(ErrorCode.TIMEOUT, requester.request(silent, Message.of("?"), BRIEF));

        stopwatch.assertWithin(BRIEF.timeout().orElseThrow(), timing().grace());
        String unknowable = "can not tell whether anybody serves";
        if (supports(Capability.NO_RESPONDERS)) {
            assertThat(unanswered.getMessage()).doesNotContain(unknowable);
        } else {
            assertThat(nobody.getMessage()).contains(unknowable);
            assertThat(unanswered.getMessage()).contains(unknowable);
        }
    }

    @Rule("NOR-03")
    default void manyRequestsThatNobodyServes_allFailInARoundTrip() {
        String subject = unique("nobody");
        Messenger requester = connect();
        ErrorCode expected = unserved();
        RequestOptions options = supports(Capability.NO_RESPONDERS) ? PATIENT : BRIEF;

        List<Call> calls = IntStream.range(0, 5000)
                .parallel()
                .mapToObj(i -> requester.request(subject + "." + i % 7, Message.of("?"), options))
                .toList();

        calls.forEach(call -> assertFails(expected, call));
        assertThat(requester.stats().noResponders() + requester.stats().timeouts())
                .isEqualTo(5000);
        assertThat(requester.stats().inFlight()).isZero();
    }

    @Rule("NOR-04")
    default void responderThatAppears_getsTheNextRequest() {
        String subject = unique("appear");
        Messenger requester = connect();
        Messenger responder = connect();
        for (int round = 0; round < 10; round++) {
            String fresh = subject + "." + round;
            assertFails(unserved(), requester.request(fresh, Message.of("?"), timeFor(unserved())));

            responder.respond(fresh, Request::message);

            assertThat(requester.request(fresh, Message.of("?"), PATIENT).join().text())
                    .isEqualTo("?");
        }
    }

    @Rule("NOR-05")
    default void lastResponderThatLeaves_leavesNobody() {
        String subject = unique("last");
        boolean breakable = supports(Capability.AUTO_RECONNECT);
        BrokerControl broker = breakable ? privateBroker() : null;
        Messenger requester = broker == null ? connect() : connectTo(broker.url());
        Messenger responder = broker == null ? connect() : connectTo(broker.proxiedUrl());
        try (Subscription subscription = responder.respond(subject, Request::message)) {
            assertThat(requester.request(subject, Message.of("?")).join().text())
                    .isEqualTo("?");
            assertThat(subscription.isActive()).isTrue();
        }
        eventuallyUnserved(requester, subject);

        responder.respond(subject, Request::message);
        assertThat(requester.request(subject, Message.of("?")).join().text()).isEqualTo("?");
        if (broker == null) {
            responder.close();
        } else {
            broker.proxy().disappear();
        }
        eventuallyUnserved(requester, subject);
    }

    @Rule("NOR-06")
    default void subscriberThatOnlyListens_countsAsSomebody() {
        String subject = unique("observed");
        Collector observer = collector();
        connect().subscribe(subject, observer);
        Messenger requester = connect();

        AntiphonException failure = assertFails(ErrorCode.TIMEOUT, requester.request(subject, Message.of("?"), BRIEF));

        assertThat(failure.mayHaveExecuted()).isTrue();
        assertThat(observer.await(1)).extracting(delivery -> delivery.text()).containsExactly("?");
        connect().respond(subject, Request::message);
        assertThat(requester.request(subject, Message.of("next")).join().text()).isEqualTo("next");
        assertThat(observer.await(2)).hasSize(2);
    }

    @Rule("NOR-07")
    default void reasonsForNoReply_areToldApart() {
        String silent = unique("silent");
        HeldRequests held = HeldRequests.at(rawClient(), silent, timing());
        Messenger requester = connect();

        ErrorCode expected = unservedBesidePlainResponder();
        assertFails(expected, requester.request(unique("nobody"), Message.of("?"), timeFor(expected)));
        assertFails(ErrorCode.TIMEOUT, requester.request(silent, Message.of("?"), BRIEF));
        Call cancelled = requester.request(silent, Message.of("?"), PATIENT);
        Call closed = requester.request(silent, Message.of("?"), PATIENT);
        assertThat(held.next(3)).hasSize(3);
        assertThat(cancelled.cancel()).isTrue();
        requester.close();

        assertFails(ErrorCode.CANCELLED, cancelled);
        AntiphonException closing = assertFails(ErrorCode.CLOSED, closed);
        assertThat(closing.requestId()).isEqualTo(closed.id());
        assertThat(closing.subject()).isEqualTo(silent);
        if (supports(Capability.AUTO_RECONNECT)) {
            assertLostConnectionIsTold();
        }
    }

    private void assertLostConnectionIsTold() {
        BrokerControl broker = privateBroker();
        String subject = unique("lost");
        Gate gate = gate();
        connectTo(broker.url()).respond(subject, request -> {
            gate.pass();
            return request.message();
        });
        Messenger requester = connectTo(broker.proxiedUrl());
        Call call = requester.request(subject, Message.of("?"), PATIENT.withOnDisconnect(DisconnectPolicy.FAIL));
        eventually("it is being handled", () -> assertThat(gate.arrived()).isEqualTo(1));

        broker.proxy().cut(Cut.RESET);

        AntiphonException failure = assertFails(ErrorCode.CONNECTION_LOST, call);
        assertThat(failure.mayHaveExecuted()).isTrue();
        assertThat(failure.requestId()).isEqualTo(call.id());
    }

    // -- Steps --

    /** A request that is sent while the responder leaves may still reach it, and then be refused or lost. */
    private void eventuallyUnserved(Messenger requester, String subject) {
        eventually(
                "nobody serves " + subject,
                () -> assertFails(unserved(), requester.request(subject, Message.of("?"), BRIEF)));
    }
}
