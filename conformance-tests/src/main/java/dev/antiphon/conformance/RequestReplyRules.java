package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** Rules about what requester and responder see of each other: {@code RR} in the specification. */
interface RequestReplyRules extends Conformance {
    // -- Each request its reply --

    @Rule("RR-01")
    default void request_isAnsweredByItsResponder() {
        String subject = unique("price");
        String served = supports(Capability.WILDCARD) ? subject + ".*" : subject + ".apple";
        connect().respond(served, request -> Message.of(request.subject() + "?" + request.text()));
        Messenger requester = connect();

        Call call = requester.request(subject + ".apple", Message.of("today"));

        assertThat(call.join().text()).isEqualTo(subject + ".apple?today");
        assertThat(get(call.toCompletableFuture()).text()).isEqualTo(subject + ".apple?today");
        assertThat(call.isDone()).isTrue();
        assertThat(call.subject()).isEqualTo(subject + ".apple");
    }

    @Rule("RR-02")
    default void thousandsOfRequestsAtOnce_eachGetsItsOwnReply() {
        String subject = unique("echo");
        connect().respond(subject, Request::message);
        Messenger requester = connect(builder -> builder.requestTimeout(timing().signal()));

        List<Call> calls = bodies("question", 5000).parallelStream()
                .map(body -> requester.request(subject, Message.of(body)))
                .toList();

        assertThat(calls).extracting(call -> call.join().text()).containsExactlyElementsOf(bodies("question", 5000));
        assertThat(requester.stats().repliesReceived()).isEqualTo(5000);
    }

    @Rule("RR-03")
    default void repliesInReverseOrder_reachTheirRequests() {
        String subject = unique("reverse");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect();
        List<Call> calls = ask(requester, subject, 100);

        List<RawMessage> requests = new ArrayList<>(held.next(100));
        Collections.reverse(requests);
        requests.forEach(request -> request.reply(request.message().withHeaders(Headers.EMPTY)));

        assertThat(calls).extracting(call -> call.join().text()).containsExactlyElementsOf(bodies("question", 100));
    }

    @Rule("RR-04")
    default void severalRequestersAtOnce_eachGetsItsOwnReplies() {
        String subject = unique("echo");
        connect().respond(subject, Request::message);
        List<Messenger> requesters =
                IntStream.range(0, 10).mapToObj(i -> connect()).toList();

        List<List<Call>> calls = requesters.parallelStream()
                .map(requester -> ask(requester, subject, 100))
                .toList();

        assertThat(calls)
                .allSatisfy(of -> assertThat(of)
                        .extracting(call -> call.join().text())
                        .containsExactlyElementsOf(bodies("question", 100)));
        assertThat(requesters).allSatisfy(requester -> {
            assertThat(requester.stats().repliesReceived()).isEqualTo(100);
            assertNoSurplus(requester);
        });
    }

    @Rule("RR-15")
    default void replyThatOvertakesTheEndOfTheSend_isNotLost() {
        String subject = unique("quick");
        Transport responder = transport();
        // Not user code: a transport within the JVM calls this before the requester's send has ended.
        Spi.await(
                responder.subscribe(new SubscribeSpec(subject, null, 1000, false), inbound -> echo(responder, inbound)),
                timing());
        Messenger requester = connect();

        assertThat(ask(requester, subject, 1000))
                .extracting(call -> call.join().text())
                .containsExactlyElementsOf(bodies("question", 1000));
        assertNoSurplus(requester);
    }

    @Rule("RR-16")
    default void firstRequestOfAMessenger_isAnswered() {
        String subject = unique("cold");
        for (int i = 0; i < repetitions(20, 5); i++) {
            String fresh = subject + "." + i;
            Messenger responder = connect();
            Messenger requester = connect();
            responder.respond(fresh, Request::message);

            Call first = requester.request(fresh, Message.of("first-" + i));

            assertThat(first.join().text()).isEqualTo("first-" + i);
            responder.close();
            requester.close();
        }
    }

    // -- Requests within requests --

    @Rule("RR-09")
    default void responderThatMakesRequests_getsItsReplies() {
        String subject = unique("nested");
        Messenger first = connect();
        Messenger second = connect();
        first.respond(subject + ".a", request -> nested(first, subject + ".b", request, "a"));
        second.respond(subject + ".b", request -> nested(second, subject + ".c", request, "b"));
        first.respond(subject + ".c", request -> Message.of(request.text() + "c"));

        for (String body : bodies("way", 50)) {
            Message reply = first.request(subject + ".a", Message.of(body)).join();
            assertThat(reply.text()).isEqualTo(body + "abc");
        }
        List<Call> atOnce = ask(second, subject + ".a", 50);
        assertThat(atOnce).allSatisfy(call -> assertThat(call.join().text()).endsWith("abc"));
    }

    @Rule("RR-10")
    default void blockingInHandlersAndContinuations_worksOrFailsAtOnce() {
        String subject = unique("blocking");
        ExecutorService single = Executors.newSingleThreadExecutor();
        harness().closing(single::shutdownNow);
        Messenger inner = connect();
        inner.respond(subject + ".inner", Request::message);
        Messenger one = connect(builder -> builder.handlerExecutor(single).completionExecutor(single));
        one.respond(subject + ".one", request -> nested(one, subject + ".inner", request, ""));
        inner.respond(subject + ".self", request -> nested(inner, subject + ".inner", request, ""));
        Messenger requester = connect(builder -> builder.requestTimeout(Duration.ofMinutes(1)));

        ask(requester, subject + ".one", 20).forEach(call -> get(call.toCompletableFuture()));
        assertAnsweredOrRefused(ask(requester, subject + ".self", 400));
        List<CompletableFuture<Message>> continuations = ask(requester, subject + ".inner", 64).stream()
                .map(call -> call.thenApply(reply ->
                                requester.request(subject + ".inner", reply).join())
                        .toCompletableFuture())
                .toList();
        assertThat(continuations).extracting(this::get).hasSize(64);
    }

    // -- Foreign programs --

    @Rule("RR-39")
    default void foreignPrograms_requestAndRespond() {
        String subject = unique("foreign");
        List<Request> seen = new CopyOnWriteArrayList<>();
        connect().respond(subject + ".ours", request -> {
            seen.add(request);
            return request.message();
        });
        RawClient foreign = rawClient();
        Message plain = Message.of("plain");
        Message withHeaders = plain.withHeaders(Headers.of("tag", "one", "tag", "two"));

        assertThat(foreign.request(subject + ".ours", plain, timing().signal())).contains(plain);
        assertThat(foreign.request(subject + ".ours", withHeaders, timing().signal()))
                .contains(withHeaders);
        assertThat(seen).extracting(Request::remaining).containsExactly(Optional.empty(), Optional.empty());
        assertThat(seen).extracting(Request::expectsReply).containsExactly(true, true);
        assertForeignResponderIsUnderstood(foreign, subject + ".theirs");
        assertForeignRequesterSeesFailures(foreign, subject);
    }

    private void assertForeignResponderIsUnderstood(RawClient foreign, String subject) {
        foreign.subscribe(subject, null, request -> {
            Message message = request.message();
            request.reply(Message.of(request.subject() + "/" + message.text())
                    .withHeaders(Headers.received("seen", message.header("tag").orElse("none"))));
        });
        Messenger requester = connect();

        Message plain = requester.request(subject, Message.of("plain")).join();
        Message tagged = requester
                .request(subject, Message.of("tagged").withHeader("tag", "one"))
                .join();

        assertThat(plain.text()).isEqualTo(subject + "/plain");
        assertThat(plain.headers()).isEqualTo(Headers.of("seen", "none"));
        assertThat(tagged.text()).isEqualTo(subject + "/tagged");
        assertThat(tagged.header("seen")).contains("one");
    }

    private void assertForeignRequesterSeesFailures(RawClient foreign, String subject) {
        connect().respond(subject + ".failing", request -> {
            throw new RemoteException("OUT_OF_STOCK", "none left");
        });
        Message errorReply = foreign.request(subject + ".failing", Message.of("?"), timing().signal())
                .orElseThrow();

        assertThat(errorReply.header(ControlHeaders.ERROR)).contains("REMOTE");
        assertThat(errorReply.header(ControlHeaders.ERROR_CODE)).contains("OUT_OF_STOCK");
        assertThat(foreign.request(subject + ".nobody", Message.of("?"), timing().silence()))
                .isEmpty();
    }

    // -- Steps --

    private List<Call> ask(Messenger requester, String subject, int count) {
        return bodies("question", count).stream()
                .map(body -> requester.request(subject, Message.of(body)))
                .toList();
    }

    private static void echo(Transport responder, InboundMessage inbound) {
        Message reply = inbound.message().withHeaders(Headers.EMPTY);
        responder.reply(
                Objects.requireNonNull(inbound.replyAddress()),
                new OutboundMessage(inbound.subject(), reply, 0),
                new Spi.Sent());
    }

    private static Message nested(Messenger messenger, String subject, Request request, String suffix) {
        return messenger.request(subject, Message.of(request.text() + suffix)).join();
    }

    private void assertAnsweredOrRefused(List<Call> calls) {
        Queue<String> refusals = new ConcurrentLinkedQueue<>();
        for (Call call : calls) {
            get(call.toCompletableFuture().handle((reply, failure) -> {
                if (failure instanceof RemoteException remote) {
                    refusals.add(remote.remoteCode());
                } else if (failure != null) {
                    refusals.add(String.valueOf(failure));
                }
                return "ended";
            }));
        }
        assertThat(refusals).isSubsetOf(ErrorCode.RESOURCE_EXHAUSTED.name());
    }

    private static void assertNoSurplus(Messenger requester) {
        assertThat(requester.stats().lateReplies()
                        + requester.stats().duplicateReplies()
                        + requester.stats().unknownReplies())
                .as("surplus replies")
                .isZero();
    }
}
