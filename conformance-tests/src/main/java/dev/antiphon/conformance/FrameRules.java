package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.spi.ControlHeaders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Rules about what requesters and responders say beside request and reply: {@code FRM} in the specification. */
interface FrameRules extends Conformance {
    RequestOptions LONG = RequestOptions.timeout(Duration.ofMinutes(1));
    RequestOptions CANCELLABLE = LONG.withCancellable(true);

    @Rule("FRM-01")
    default void replyWithAWayBack_canBeAnswered() {
        WayBack wayBack = WayBack.open(transport(), transport(), unique("way"), timing());

        wayBack.ask(7);
        wayBack.awaitAnswer("hear me", 7);
        wayBack.answer("I do");

        wayBack.awaitAtResponder("I do", WayBack.RESPONDERS_ID);
    }

    @Rule("FRM-02")
    default void requesterThatWantsNoFrames_getsOnlyItsReply() {
        String subject = unique("plain");
        Messenger responder = connect();
        responder.respond(subject, request -> {
            request.accept();
            request.progress(Message.of("half"));
            return Message.of("whole");
        });
        Messenger requester = connect();
        HeldRequests held = HeldRequests.at(rawClient(), subject + ".native", timing());

        Message reply =
                rawClient().request(subject, Message.of("?"), timing().signal()).orElseThrow();
        assertThat(reply.text()).isEqualTo("whole");
        assertThat(reply.headers().containsPrefix(ControlHeaders.FRAME)).isFalse();
        assertThat(get(requester.request(subject, Message.of("?"), LONG).toCompletableFuture())
                        .text())
                .isEqualTo("whole");
        assertThat(requester.stats().framesIgnored() + requester.stats().duplicateReplies())
                .isZero();
        Call call = requester.request(subject + ".native", Message.of("?"), LONG);
        RawMessage seen = held.next();
        assertThat(seen.message().headers().contains(ControlHeaders.WANTS)).isFalse();
        seen.reply(Message.empty());
        get(call.toCompletableFuture());
    }

    @Rule("FRM-03")
    default void requestThatNobodyBeginsWith_failsAtItsAcceptTimeout() {
        String subject = unique("accept");
        HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect();
        Duration limit = Duration.ofMillis(300);
        Stopwatch stopwatch = new Stopwatch();

        AntiphonException failure = assertFails(
                ErrorCode.TIMEOUT, requester.request(subject, Message.of("?"), LONG.withAcceptTimeout(limit)));

        stopwatch.assertWithin(limit, timing().grace());
        assertThat(failure.mayHaveExecuted()).isTrue();
        assertThat(requester.stats().inFlight()).isZero();
    }

    @Rule("FRM-04")
    default void requestThatAHandlerHas_isNotHurriedByItsAcceptTimeout() {
        String subject = unique("slow");
        Messenger responder = connect();
        Gate gate = gate();
        responder.respond(subject, request -> {
            gate.pass();
            return Message.of("at last");
        });
        Messenger requester = connect();
        HeldRequests.at(rawClient(), subject + ".silent", timing());
        Duration limit = timing().grace();
        Call call = requester.request(subject, Message.of("?"), LONG.withAcceptTimeout(limit));

        assertFails(
                ErrorCode.TIMEOUT,
                requester.request(subject + ".silent", Message.of("?"), RequestOptions.timeout(limit.multipliedBy(2))));
        assertThat(call.isDone()).as("ended before its handler").isFalse();
        gate.open();

        assertThat(get(call.toCompletableFuture()).text()).isEqualTo("at last");
    }

    @Rule("FRM-05")
    default void progress_comesInOrderBeforeTheReply() {
        String subject = unique("progress");
        Messenger responder = connect();
        Gate gate = gate();
        responder.respond(subject, request -> {
            IntStream.range(0, 50).forEach(i -> request.progress(Message.of("step" + i)));
            gate.pass();
            return Message.of("done");
        });
        List<String> seen = new CopyOnWriteArrayList<>();

        Call call =
                connect().request(subject, Message.of("?"), LONG.withOnProgress(message -> seen.add(message.text())));
        eventually("all progress comes", () -> assertThat(seen).hasSize(50));
        gate.open();

        assertThat(get(call.toCompletableFuture()).text()).isEqualTo("done");
        assertThat(seen)
                .containsExactlyElementsOf(
                        IntStream.range(0, 50).mapToObj(i -> "step" + i).toList());
    }

    @Rule("FRM-06")
    default void callThatIsCancelled_isCancelledAtItsHandler() throws InterruptedException {
        String subject = unique("cancel");
        Messenger responder = connect();
        BlockingQueue<Request> running = new LinkedBlockingQueue<>();
        CompletableFuture<Void> told = new CompletableFuture<>();
        CompletableFuture<Void> interrupted = new CompletableFuture<>();
        Gate gate = gate();
        responder.respond(
                subject,
                request -> {
                    request.onCancel(() -> told.complete(null));
                    running.add(request);
                    try {
                        gate.pass();
                    } catch (InterruptedException e) {
                        interrupted.complete(null);
                    }
                    return Message.of("for nobody");
                },
                RespondOptions.DEFAULTS.withInterruptOnCancel(true));
        Messenger requester = connect();
        Call call = requester.request(subject, Message.of("?"), CANCELLABLE);
        Request request = running.poll(timing().signal().toMillis(), TimeUnit.MILLISECONDS);
        assertThat(request).isNotNull();
        assertThat(request.isCancelled()).isFalse();

        call.cancel();

        get(told);
        get(interrupted);
        assertThat(request.isCancelled()).isTrue();
        eventually(
                "the handler ends",
                () -> assertThat(responder.stats().handlersRunning()).isZero());
        assertThat(responder.stats().requestsCancelled()).isEqualTo(1);
        roundTrip(requester);
        assertThat(requester.stats().lateReplies())
                .as("replies to what was cancelled")
                .isZero();
    }

    @Rule("FRM-07")
    default void callThatIsCancelledBeforeItsHandlerBegins_isCancelledWhenItDoes() {
        String subject = unique("queued");
        Messenger responder = connect();
        Gate gate = gate();
        List<Request> cancelled = new CopyOnWriteArrayList<>();
        responder.respond(
                subject,
                request -> {
                    request.onCancel(() -> cancelled.add(request));
                    gate.pass();
                    return request.text().equals("second") ? waitForCancellation(request) : request.message();
                },
                RespondOptions.DEFAULTS.withConcurrency(1));
        Messenger requester = connect();
        Call first = requester.request(subject, Message.of("first"), LONG);
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));
        Call second = requester.request(subject, Message.of("second"), CANCELLABLE);
        eventually(
                "it waits",
                () -> assertThat(responder.stats().requestsReceived()).isEqualTo(2));

        second.cancel();
        gate.open();

        assertThat(get(first.toCompletableFuture()).text()).isEqualTo("first");
        eventually("the second is cancelled", () -> assertThat(cancelled).hasSize(1));
    }

    private Message waitForCancellation(Request request) {
        eventually("it is cancelled", () -> assertThat(request.isCancelled()).isTrue());
        return Message.empty();
    }

    @Rule("FRM-08")
    default void callThatTimesOut_isCancelledAtItsHandlerAndWhatThatAsked() {
        String subject = unique("chain");
        Messenger last = connect();
        Messenger middle = connect();
        CompletableFuture<Void> atTheLast = new CompletableFuture<>();
        Gate gate = gate();
        last.respond(subject + ".last", request -> {
            request.onCancel(() -> atTheLast.complete(null));
            gate.pass();
            return Message.empty();
        });
        middle.respond(subject, request -> {
            try {
                return middle.request(subject + ".last", Message.of("?"), LONG).join();
            } finally {
                // What it asked inherits the deadline, may time out first, and must not get ahead of the caller's own
                // timeout.
                waitForCancellation(request);
            }
        });

        Call call = connect()
                .request(
                        subject,
                        Message.of("?"),
                        RequestOptions.timeout(timing().grace()).withCancellable(true));

        assertFails(ErrorCode.TIMEOUT, call);
        get(atTheLast);
        eventually(
                "the middle is free",
                () -> assertThat(middle.stats().handlersRunning()).isZero());
    }

    @Rule("FRM-09")
    default void responderThatCloses_tellsThoseItOwesAnAnswer() {
        String subject = unique("leaving");
        Messenger responder = connect();
        Gate gate = gate();
        responder.respond(subject, request -> {
            gate.pass();
            return Message.empty();
        });
        ParkedRequests parked = new ParkedRequests(timing());
        responder.respondAsync(subject + ".async", parked);
        Messenger requester = connect();
        List<Call> calls = List.of(
                requester.request(subject, Message.of("?"), LONG),
                requester.request(subject, Message.of("?"), CANCELLABLE),
                requester.request(subject + ".async", Message.of("?"), LONG));
        eventually("handlers run", () -> assertThat(gate.arrived()).isEqualTo(2));
        parked.await(1);

        responder.close();

        for (Call call : calls) {
            AntiphonException failure = assertFails(ErrorCode.UNAVAILABLE, call);
            assertThat(failure.retryable()).isTrue();
            assertThat(failure.mayHaveExecuted()).isTrue();
        }
    }

    @Rule("FRM-10")
    default void idempotentRequest_goesToAnotherMemberWhenItsResponderCloses() {
        String subject = unique("elsewhere");
        Messenger leaving = connect();
        Gate gate = gate();
        leaving.respond(
                subject,
                request -> {
                    gate.pass();
                    return Message.of("never");
                },
                RespondOptions.queueGroup("g"));
        Messenger requester = connect();
        Call call = requester.request(subject, Message.of("?"), LONG.withIdempotent(true));
        eventually("the handler runs", () -> assertThat(gate.arrived()).isEqualTo(1));
        Messenger staying = connect();
        staying.respond(subject, request -> Message.of("from the other"), RespondOptions.queueGroup("g"));

        leaving.close();

        assertThat(get(call.toCompletableFuture()).text()).isEqualTo("from the other");
    }

    @Rule("FRM-11")
    default void framesOfStrangers_areIgnoredAndCounted() {
        String subject = unique("nonsense");
        HeldRequests held = HeldRequests.at(rawClient(), subject, timing());
        Messenger requester = connect();
        List<String> nonsense = List.of(
                "",
                ";",
                "item;n=-1",
                "item;n=5",
                "end;n=99999999999999999999",
                "accepted;x=?",
                "cancel",
                "credit;n=7",
                "later-kind;n=1",
                "%00%ff",
                "progress;n=;;;;");

        Call call = requester.request(subject, Message.of("?"), CANCELLABLE);
        RawMessage request = held.next();
        for (String value : nonsense) {
            request.reply(Message.empty().withHeaders(Headers.received(ControlHeaders.FRAME, value)));
        }
        request.reply(Message.of("sense"));

        assertThat(get(call.toCompletableFuture()).text()).isEqualTo("sense");
        assertThat(requester.stats().framesIgnored()).isGreaterThanOrEqualTo(5);
        assertThat(requester.stats().consistent()).isTrue();
    }

    @Rule("FRM-12")
    default void wishesOfStrangers_thatMakeNoSense_areNone() {
        String subject = unique("wishes");
        Messenger responder = connect();
        responder.respond(subject, Request::message);
        RawClient raw = rawClient();

        for (String value :
                List.of("x", "0;accepted", "1;stream;credit=-5;gap=x", "99999999999999999999", ";;;;", "1;=")) {
            Message asking = Message.of(value).withHeaders(Headers.received(ControlHeaders.WANTS, value));
            Message reply = raw.request(subject, asking, timing().signal()).orElseThrow();
            assertThat(reply.text()).isEqualTo(value);
            assertThat(reply.headers().contains(ControlHeaders.ERROR)).isFalse();
        }
        eventually(
                "nothing is left",
                () -> assertThat(responder.stats().exchanges()).isZero());
    }
}
