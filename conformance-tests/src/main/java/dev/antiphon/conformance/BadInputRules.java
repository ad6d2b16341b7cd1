package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerStats;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.SubscribeOptions;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.Cut;
import dev.antiphon.spi.ControlHeaders;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Rules about bad input: {@code BAD} in the specification. */
interface BadInputRules extends Faults {
    @Rule("BAD-01")
    @SuppressWarnings("NullAway") // null is what this is about
    default void nullArguments_throwAtOnce() {
        Messenger messenger = connect();
        String subject = unique("orders");
        Message message = Message.empty();
        Map<String, ThrowingCallable> operations = new LinkedHashMap<>();
        operations.put("publish to null", () -> messenger.publish(null, message));
        operations.put("publish null", () -> messenger.publish(subject, null));
        operations.put("request to null", () -> messenger.request(null, message));
        operations.put("request null", () -> messenger.request(subject, null));
        operations.put("request without options", () -> messenger.request(subject, message, null));
        operations.put("subscribe to null", () -> messenger.subscribe(null, delivery -> {}));
        operations.put("subscribe null", () -> messenger.subscribe(subject, null));
        operations.put("subscribe without options", () -> messenger.subscribe(subject, delivery -> {}, null));
        operations.put("respond to null", () -> messenger.respond(null, request -> message));
        operations.put("respond null", () -> messenger.respond(subject, null));
        operations.put("respond without options", () -> messenger.respond(subject, request -> message, null));
        operations.put("respondAsync null", () -> messenger.respondAsync(subject, null));
        operations.put("drain null", () -> messenger.drain(null));
        operations.put("unwrap null", () -> messenger.unwrap(null));
        operations.put("header without value", () -> Headers.of("x-some", null));
        operations.put("body null", () -> Message.of((byte[]) null));
        operations.put("text null", () -> Message.of((String) null));
        operations.put("timeout null", () -> RequestOptions.timeout(null));

        operations.forEach((what, operation) -> assertThat(catchThrowable(operation))
                .as(what)
                .isInstanceOfAny(NullPointerException.class, AntiphonException.class));

        assertNothingHappened(messenger);
    }

    private void assertNothingHappened(Messenger messenger) {
        MessengerStats stats = messenger.stats();
        assertThat(stats.requestsSent() + stats.published() + stats.inFlight() + stats.requestsFailed())
                .as("requests and publications: %s", stats)
                .isZero();
        roundTrip(messenger);
    }

    @Rule("BAD-02")
    default void illegalSubjects_areRefusedAndNothingIsSent() {
        Messenger messenger = connect();
        List<String> illegal = List.of(
                "",
                ".",
                "..",
                ".a",
                "a.",
                "a..b",
                " ",
                "a b",
                " a",
                "a ",
                "a\tb",
                "a\nb",
                "a\r\nPUB b 1\r\nx\r\n",
                "a\0b",
                "a\u007fb",
                "a\ud800",
                "a*",
                "*a.b",
                "a.b>",
                "a.>.b",
                ">.a");
        for (String subject : illegal) {
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.publish(subject, Message.of("x")));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.request(subject, Message.of("x")));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.subscribe(subject, collector()));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.respond(subject, request -> Message.empty()));
        }
        for (String pattern : List.of("*", ">", "a.*", "a.*.b", "a.>")) {
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.publish(pattern, Message.of("x")));
            assertThrows(ErrorCode.INVALID_ARGUMENT, () -> messenger.request(pattern, Message.of("x")));
        }

        assertNothingHappened(messenger);
    }

    @Rule("BAD-03")
    default void messagesOfStrangers_withOurHeadersWrong_doNoHarm() {
        String subject = unique("poison");
        Messenger messenger = connect();
        List<String> handled = new CopyOnWriteArrayList<>();
        messenger.respond(subject, request -> {
            handled.add(request.text());
            return request.message();
        });
        Collector collector = collector();
        messenger.subscribe(subject + ".events", collector);
        RawClient stranger = rawClient();

        for (String budget : List.of("", "soon", "-1", "0x10", "1e3", "99999999999999999999", "1 2", "%41")) {
            Message odd = Message.of(budget).withHeaders(Headers.received(ControlHeaders.BUDGET, budget));
            assertThat(stranger.request(subject, odd, timing().signal()))
                    .as("the reply to a budget of \"%s\"", budget)
                    .hasValueSatisfying(reply -> assertThat(reply.text()).isEqualTo(budget));
            stranger.publish(subject, odd);
            stranger.publish(subject + ".events", odd);
        }
        for (String value : List.of("", "NONSENSE", "%", "%zz", "TIMEOUT")) {
            stranger.publish(
                    subject + ".events",
                    Message.of("error").withHeaders(Headers.received(ControlHeaders.ERROR, value, "x-[odd]", value)));
        }

        Message last = get(messenger.request(subject, Message.of("last")).toCompletableFuture());
        assertThat(last.text()).isEqualTo("last");
        collector.await(13);
        eventually("all are handled", () -> assertThat(handled).hasSize(17));
        eventually(
                "nothing is left",
                () -> assertThat(messenger.stats().handlersRunning()).isZero());
    }

    @Rule("BAD-04")
    default void errorReplies_ofUnknownKind_areRemoteFailuresThatSaySo() {
        String subject = unique("future");
        rawClient()
                .subscribe(
                        subject,
                        null,
                        request -> request.reply(Message.of("ignored")
                                .withHeaders(Headers.received(
                                        ControlHeaders.ERROR,
                                        request.message().text(),
                                        ControlHeaders.ERROR_MESSAGE,
                                        "100%25 new, bad escapes %zz % %4"))));
        Messenger requester = connect();

        for (String kind : List.of("SOMETHING_OF_VERSION_9", "TIMEOUT", "OK")) {
            AntiphonException failure = assertFails(ErrorCode.REMOTE, requester.request(subject, Message.of(kind)));

            assertThat(failure).isInstanceOfSatisfying(RemoteException.class, remote -> {
                assertThat(remote.remoteCode()).isEqualTo(kind);
                assertThat(remote.remoteMessage()).isEqualTo("100% new, bad escapes %zz % %4");
            });
        }
    }

    @Rule("BAD-07")
    default void handlers_thatReturnNull_answerWithAnEmptyReply() {
        String subject = unique("null");
        Messenger messenger = connect();
        messenger.respond(subject, request -> null);
        messenger.respondAsync(subject + ".stage", request -> CompletableFuture.completedFuture(null));
        messenger.respondAsync(subject + ".no-stage", request -> nothing());

        assertThat(get(messenger.request(subject, Message.of("?")).toCompletableFuture()))
                .isEqualTo(Message.empty());
        assertThat(get(messenger.request(subject + ".stage", Message.of("?")).toCompletableFuture()))
                .isEqualTo(Message.empty());
        assertFails(ErrorCode.REMOTE, messenger.request(subject + ".no-stage", Message.of("?")));
        eventually(
                "nothing is left",
                () -> assertThat(messenger.stats().handlersRunning()).isZero());
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // what a handler written in another style may do
    private static <T> T nothing() {
        return null;
    }

    @Rule("BAD-08")
    default void broker_talksNonsense_connectionIsReplaced() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        Peer peer = peer(broker.proxiedUrl());
        Services services = Services.at(peer.messenger(), this);
        Babbler babbler = harness().closing(new Babbler());

        broker.proxy().retarget(babbler.address());
        cutOff(() -> broker.proxy().cut(Cut.RESET), peer);
        eventually("it was tried", () -> assertThat(babbler.visitors()).isPositive());
        Call waiting = peer.messenger()
                .request(unique("nobody"), Message.of("?"), RequestOptions.timeout(Duration.ofMillis(200)));
        Throwable failure = catchThrowable(() -> get(waiting.toCompletableFuture()));
        assertThat(failure).as("a request meanwhile").isNotNull();
        interrupt(
                () -> {
                    broker.proxy().retarget(broker.address());
                    broker.proxy().cut(Cut.RESET);
                },
                peer);

        services.verify(connectTo(broker.url()));
    }

    @Rule("BAD-11")
    default void options_outOfRange_areRefusedAtOnce() {
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> RequestOptions.timeout(Duration.ZERO));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> RequestOptions.timeout(Duration.ofMillis(-1)));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> RequestOptions.timeout(Duration.ofDays(2)));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> RespondOptions.DEFAULTS.withConcurrency(0));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> RespondOptions.DEFAULTS.withQueueLimit(0));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> SubscribeOptions.DEFAULTS.withQueueLimit(-1));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Messenger.builder().maxInFlight(0));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Messenger.builder().maxInFlight(Integer.MAX_VALUE));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Messenger.builder().requestTimeout(Duration.ZERO));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Messenger.builder().waitForBroker(Duration.ofMillis(-1)));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Headers.of("only a name"));
        assertThrows(ErrorCode.INVALID_ARGUMENT, () -> Headers.of("", "value"));
    }
}
