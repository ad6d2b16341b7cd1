package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerStats;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.spi.Capabilities.Capability;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Rules about requests over which a connection is lost: the third part of {@code REC} in the specification. */
interface InterruptedRequestRules extends Faults {
    /** Long enough that no request of these rules times out by accident. */
    Duration LONG = Duration.ofMinutes(5);

    /** How often a broker is killed while requests are in flight, if it is restarted more often than that. */
    int CRASHES = 10;

    @Rule(value = "REC-19", seconds = 600)
    default void broker_restartedAgainAndAgainMidFlight_eachRequestEndsOnceByItsDeadline() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer responder = peer(broker.url());
        Peer requester = peer(broker.url(), builder -> builder.maxInFlight(64));
        String subject = unique("load");
        String held = unique("held");
        ParkedRequests parked = new ParkedRequests(timing());
        responder.messenger().respond(subject, request -> request.message());
        responder.messenger().respondAsync(held, parked);
        List<String> responderSubjects = broker.inspector().subscribedSubjects(responder.name());
        List<String> requesterSubjects = broker.inspector().subscribedSubjects(requester.name());
        CallLog log = new CallLog();
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Boolean> load =
                Background.supply(() -> askUntil(enough, requester.messenger(), subject, log));

        int restarts = harness().fixture().restarts();
        for (int i = 1; i <= restarts; i++) {
            Runnable fault = i <= CRASHES && i < restarts ? () -> crash(broker) : broker::restart;
            int replies = log.ended(CallLog.REPLY);
            eventually(
                    "the load goes on",
                    () -> assertThat(log.ended(CallLog.REPLY)).isGreaterThan(replies + 100));
            int seen = parked.seen();
            log.request(requester.messenger(), held, Message.of("?"), RequestOptions.DEFAULTS, Duration.ofSeconds(2));
            parked.await(seen + 1);
            log.whileAway(() -> interrupt(fault, responder, requester));
            parked.echoAll();
        }
        enough.set(true);
        get(load);

        eventually("every request has ended", () -> assertThat(log.ended()).isEqualTo(log.made()));
        assertThat(log.latestAfterDeadline()).as("the end after the deadline").isLessThan(timing().grace());
        assertThat(log.ends().keySet())
                .isSubsetOf(CallLog.REPLY, "TIMEOUT", "CONNECTION_LOST", "NOT_CONNECTED", "NO_RESPONDERS");
        MessengerStats stats = requester.messenger().stats();
        assertThat(stats.repliesReceived() + stats.timeouts() + stats.noResponders() + stats.requestsFailed())
                .as("each request ends once: %s", stats)
                .isEqualTo(log.made());
        assertThat(get(requester.messenger().request(subject, Message.of("!")).toCompletableFuture())
                        .text())
                .isEqualTo("!");
        assertThat(broker.inspector().subscribedSubjects(responder.name())).isEqualTo(responderSubjects);
        assertThat(broker.inspector().subscribedSubjects(requester.name())).isEqualTo(requesterSubjects);
    }

    private static void crash(BrokerControl broker) {
        broker.kill();
        broker.start();
    }

    private static boolean askUntil(AtomicBoolean enough, Messenger requester, String subject, CallLog log) {
        while (!enough.get()) {
            log.request(requester, subject, Message.of("?"), RequestOptions.DEFAULTS, Duration.ofMillis(500));
            if (requester.state() != ConnectionState.CONNECTED) {
                // Refused at once: without a pause the load has the processor that a broker needs to start.
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            }
        }
        return true;
    }

    @Rule("REC-20")
    default void policyFail_connectionLost_requestsFailAtOnce() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer requester = peer(broker.proxiedUrl());
        String subject = unique("price");
        ParkedRequests parked = new ParkedRequests(timing());
        connectTo(broker.url()).respondAsync(subject, parked);
        RequestOptions options = RequestOptions.timeout(LONG).withOnDisconnect(DisconnectPolicy.FAIL);
        Call inFlight = requester.messenger().request(subject, Message.of("in flight"), options);
        parked.await(1);

        keepOut(broker, requester);

        assertThat(assertFails(ErrorCode.CONNECTION_LOST, inFlight).mayHaveExecuted())
                .isTrue();
        AntiphonException failure = assertFails(
                ErrorCode.NOT_CONNECTED, requester.messenger().request(subject, Message.of("late"), options));
        assertThat(failure.mayHaveExecuted()).isFalse();
        interrupt(broker.proxy()::heal, requester);
        requester.messenger().request(subject, Message.of("after"), options);
        parked.await(2);
        assertThat(parked.texts()).containsExactly("in flight", "after");
        parked.echoAll();
        eventually(
                "the reply to the first is surplus",
                () -> assertThat(requester.messenger().stats().inFlight()).isZero());
    }

    @Rule("REC-21")
    default void policyWait_connectionLost_requestsWaitWithinTheirTimeout() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer requester = peer(broker.proxiedUrl());
        String subject = unique("price");
        ParkedRequests parked = new ParkedRequests(timing());
        connectTo(broker.url()).respondAsync(subject, parked);
        RequestOptions options = RequestOptions.timeout(LONG).withOnDisconnect(DisconnectPolicy.WAIT);
        Call inFlight = requester.messenger().request(subject, Message.of("in flight"), options);
        parked.await(1);

        keepOut(broker, requester);
        Call waiting = requester.messenger().request(subject, Message.of("waiting"), options);
        interrupt(broker.proxy()::heal, requester);

        parked.await(2);
        assertThat(parked.texts()).containsExactly("in flight", "waiting");
        parked.echoAll();
        assertThat(get(waiting.toCompletableFuture()).text()).isEqualTo("waiting");
        if (supports(Capability.REPLY_ADDRESS_SURVIVES_RECONNECT)) {
            assertThat(get(inFlight.toCompletableFuture()).text()).isEqualTo("in flight");
        } else {
            assertFails(ErrorCode.CONNECTION_LOST, inFlight);
        }
        assertThat(parked.seen()).isEqualTo(2);
    }

    @Rule("REC-22")
    default void policyResend_connectionLost_idempotentRequestIsSentOnceMore() {
        Messenger careful = connect();
        RequestOptions resend = RequestOptions.timeout(LONG).withOnDisconnect(DisconnectPolicy.RESEND);
        assertThrows(
                ErrorCode.INVALID_ARGUMENT,
                () -> careful.request(unique("price"), Message.of("not idempotent"), resend));
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer requester = peer(broker.proxiedUrl());
        String subject = unique("price");
        ParkedRequests parked = new ParkedRequests(timing());
        connectTo(broker.url()).respondAsync(subject, parked);
        Call call = requester.messenger().request(subject, Message.of("twice"), resend.withIdempotent(true));
        parked.await(1);

        interrupt(() -> broker.proxy().cut(Cut.RESET), requester);

        parked.await(2);
        assertThat(parked.texts()).containsExactly("twice", "twice");
        parked.echoAll();
        assertThat(get(call.toCompletableFuture()).text()).isEqualTo("twice");
        assertThat(requester.messenger().stats().repliesReceived()).isEqualTo(1);
    }

    @Rule("REC-23")
    default void request_timedOutWhileDisconnected_isNeverSent() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer responder = peer(broker.url());
        Peer requester = peer(broker.url());
        String subject = unique("price");
        ParkedRequests parked = new ParkedRequests(timing());
        responder.messenger().respondAsync(subject, parked, RespondOptions.DEFAULTS);
        RequestOptions options = RequestOptions.timeout(Duration.ofMillis(100)).withOnDisconnect(DisconnectPolicy.WAIT);
        cutOff(broker::stop, responder, requester);

        for (int i = 0; i < 10; i++) {
            AntiphonException failure = assertFails(
                    ErrorCode.TIMEOUT, requester.messenger().request(subject, Message.of("too late"), options));
            assertThat(failure.mayHaveExecuted()).isFalse();
        }
        interrupt(broker::start, responder, requester);

        Call after = requester.messenger().request(subject, Message.of("after"), RequestOptions.timeout(LONG));
        parked.await(1);
        parked.echoAll();
        assertThat(get(after.toCompletableFuture()).text()).isEqualTo("after");
        assertThat(parked.seen()).isEqualTo(1);
    }

    @Rule("REC-24")
    default void reply_whileResponderIsDisconnected_isReportedAndNotSentLater() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer responder = peer(broker.proxiedUrl());
        Messenger requester = connectTo(broker.url());
        String subject = unique("price");
        ParkedRequests parked = new ParkedRequests(timing());
        responder.messenger().respondAsync(subject, parked);
        Call call = requester.request(subject, Message.of("?"), RequestOptions.timeout(LONG));
        parked.await(1);

        keepOut(broker, responder);
        parked.echoAll();

        eventually(
                "the lost reply is told",
                () -> assertThat(responder.observed().errors())
                        .anySatisfy(error -> assertThat(error.subject()).isEqualTo(subject)));
        interrupt(broker.proxy()::heal, responder);
        Call next = requester.request(subject, Message.of("next"), RequestOptions.timeout(LONG));
        parked.await(2);
        parked.echoAll();
        assertThat(get(next.toCompletableFuture()).text()).isEqualTo("next");
        assertThat(call.isDone()).isFalse();
        assertThat(call.cancel()).isTrue();
    }
}
