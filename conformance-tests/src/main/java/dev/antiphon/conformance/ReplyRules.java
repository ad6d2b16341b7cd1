package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Rules about what a reply can say, and about handlers that say nothing: {@code RR} in the specification. */
interface ReplyRules extends Conformance {
    @Rule("RR-06")
    default void handlerThatFails_isAnErrorReplyWithItsCodeAndText() {
        String subject = unique("order");
        RemoteException refusal = new RemoteException("OUT_OF_STOCK", "no unicorn is left: 100 % sold, désolé \u2603");
        Messenger responder = connect();
        responder.respond(subject + ".refuse", request -> {
            throw refusal;
        });
        responder.respond(subject + ".defect", request -> {
            throw new IllegalStateException("a defect");
        });
        responder.respond(subject + ".error", request -> {
            throw new StackOverflowError("too deep");
        });
        responder.respondAsync(subject + ".later", request -> CompletableFuture.failedFuture(refusal));
        Messenger requester = connect();

        assertErrorReply(requester, subject + ".refuse", "OUT_OF_STOCK", refusal.remoteMessage());
        assertErrorReply(requester, subject + ".later", "OUT_OF_STOCK", refusal.remoteMessage());
        assertErrorReply(requester, subject + ".defect", "INTERNAL", "a defect");
        assertErrorReply(requester, subject + ".error", "INTERNAL", "too deep");
        assertNoStackTrace(subject + ".defect");
        assertErrorReply(requester, subject + ".defect", "INTERNAL", "a defect"); // and it still serves
    }

    @Rule("RR-07")
    default void emptyReply_isAReply() {
        String subject = unique("empty");
        Messenger responder = connect();
        responder.respond(subject + ".null", request -> null);
        responder.respond(subject + ".empty", request -> Message.empty());
        responder.respondAsync(subject + ".later", request -> CompletableFuture.completedFuture(null));
        responder.respond(subject + ".none", request -> {
            request.noReply();
            return Message.of("nobody gets this");
        });
        Messenger requester = connect();

        for (String kind : List.of("null", "empty", "later")) {
            Message reply =
                    requester.request(subject + "." + kind, Message.of("?")).join();
            assertThat(reply).as(kind).isEqualTo(Message.empty());
        }
        RequestOptions brief = RequestOptions.timeout(Duration.ofMillis(150));
        assertFails(ErrorCode.TIMEOUT, requester.request(subject + ".none", Message.of("?"), brief));
        roundTrip(responder);
        assertNoSurplus(requester);
    }

    @Rule("RR-08")
    default void headersAndContentType_travelBothWays() {
        String subject = unique("headers");
        Headers question = Headers.of("language", "de", "Tag", "one", "tag", "two; =,%41");
        Headers answer = Headers.of("Rate-Limit", "17", "tag", "three", "tag", "four");
        List<Message> received = new CopyOnWriteArrayList<>();
        connect().respond(subject, request -> {
            received.add(request.message());
            return Message.of("{}").withHeaders(answer).withContentType("application/json");
        });
        Message sent = Message.of("hello").withHeaders(question).withContentType("text/plain");

        Message reply = connect().request(subject, sent).join();

        assertThat(received).hasSize(1);
        assertSameMessage(received.get(0), sent);
        assertSameMessage(reply, Message.of("{}").withHeaders(answer).withContentType("application/json"));
    }

    @Rule("RR-11")
    default void messageThatAsksForNoReply_isHandledWithoutOne() {
        String subject = unique("note");
        List<Request> seen = new CopyOnWriteArrayList<>();
        Observed observed = new Observed();
        Messenger responder = connect(builder -> builder.listener(observed));
        responder.respond(subject, request -> {
            seen.add(request);
            return request.message();
        });
        Messenger sender = connect();

        get(sender.publish(subject, Message.of("note")));

        eventually("the message is handled", () -> assertThat(seen).hasSize(1));
        assertThat(seen.get(0).expectsReply()).isFalse();
        assertThat(seen.get(0).text()).isEqualTo("note");
        assertThat(sender.request(subject, Message.of("?")).join().text()).isEqualTo("?");
        assertThat(seen.get(1).expectsReply()).isTrue();
        assertThat(observed.errors()).isEmpty();
    }

    @Rule("RR-21")
    default void headersThatOthersUseForCorrelation_areLeftAlone() {
        String subject = unique("mine");
        Headers mine = Headers.of(
                "correlation-id",
                "c-1",
                "correlationId",
                "c-2",
                "reply-to",
                "nowhere",
                "message-id",
                "m-1",
                "status",
                "503",
                "error",
                "yes",
                "timeout",
                "1ms",
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0b");
        List<Message> received = new CopyOnWriteArrayList<>();
        connect().respond(subject, request -> {
            received.add(request.message());
            return Message.of("answer").withHeaders(mine);
        });

        Message reply = connect()
                .request(subject, Message.of("question").withHeaders(mine))
                .join();

        assertThat(received).hasSize(1);
        assertSameMessage(received.get(0), Message.of("question").withHeaders(mine));
        assertSameMessage(reply, Message.of("answer").withHeaders(mine));
    }

    @Rule("RR-36")
    default void replyThatIsTooLarge_failsTheRequestAtOnce() {
        String subject = unique("large");
        int tooMuch = Math.toIntExact(capabilities().limits().maxBodyBytes()) + 1;
        connect()
                .respond(
                        subject,
                        request ->
                                request.text().equals("large") ? Message.wrap(new byte[tooMuch]) : request.message());
        Messenger requester = connect();
        RequestOptions patient = RequestOptions.timeout(Duration.ofMinutes(1));

        AntiphonException failure =
                assertFails(ErrorCode.TOO_LARGE, requester.request(subject, Message.of("large"), patient));

        assertThat(failure.mayHaveExecuted()).as("it was handled").isTrue();
        assertThat(requester.request(subject, Message.of("small")).join().text())
                .isEqualTo("small");
    }

    @Rule("RR-37")
    default void handlerThatCanNotAnswerAnyMore_failsTheRequestAtOnce() {
        String subject = unique("silent");
        Messenger responder = connect();
        responder.respondAsync(subject + ".null", request -> noStage());
        responder.respondAsync(subject + ".cancelled", request -> cancelledStage());
        responder.respondAsync(subject + ".dropped", request -> new CompletableFuture<>());
        Messenger requester = connect(builder -> builder.requestTimeout(Duration.ofMinutes(1)));

        for (String kind : List.of("null", "cancelled")) {
            assertFails(ErrorCode.REMOTE, requester.request(subject + "." + kind, Message.of("?")));
        }
        Call dropped = requester.request(subject + ".dropped", Message.of("?"));
        eventually("the dropped request is noticed", () -> {
            System.gc();
            assertThat(dropped.isDone()).isTrue();
        });
        assertFails(ErrorCode.REMOTE, dropped);
    }

    // -- Steps --

    private void assertErrorReply(Messenger requester, String subject, String code, String text) {
        AntiphonException failure = assertFails(ErrorCode.REMOTE, requester.request(subject, Message.of("?")));
        assertThat(failure).isInstanceOfSatisfying(RemoteException.class, remote -> {
            assertThat(remote.remoteCode()).isEqualTo(code);
            assertThat(remote.remoteMessage()).isEqualTo(text);
            assertThat(remote.subject()).isEqualTo(subject);
        });
    }

    private void assertNoStackTrace(String subject) {
        Message reply =
                rawClient().request(subject, Message.of("?"), timing().signal()).orElseThrow();
        StringBuilder everything = new StringBuilder(reply.text());
        reply.headers().forEach((name, value) -> everything.append(' ').append(value));
        assertThat(everything.toString()).contains("defect").doesNotContain(".java:", "Exception", "%09at", "\tat");
    }

    private static void assertNoSurplus(Messenger requester) {
        assertThat(requester.stats().lateReplies()
                        + requester.stats().duplicateReplies()
                        + requester.stats().unknownReplies())
                .as("surplus replies")
                .isZero();
    }

    /** What no honest handler returns. */
    @SuppressWarnings("NullAway")
    private static CompletionStage<Message> noStage() {
        return null;
    }

    private static CompletionStage<Message> cancelledStage() {
        CompletableFuture<Message> stage = new CompletableFuture<>();
        stage.cancel(true);
        return stage;
    }
}
