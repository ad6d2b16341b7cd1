package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.GatherResult.End;
import dev.antiphon.Message;
import dev.antiphon.OutgoingRequest;
import dev.antiphon.RaceOptions;
import dev.antiphon.RequestInterceptor;
import dev.antiphon.SendOptions;
import dev.antiphon.SendOptions.Confirmation;
import dev.antiphon.StreamOptions;
import dev.antiphon.spi.ReplyAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Interceptors around what is made of requests: each request that leaves passes them. */
class InterceptedOperationsTest {

    private static final Message ASKING = Message.of("?");

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final ReplyAddress wayBack = new ScriptedDelivery("way back", Message.empty(), false);
    private Engine engine = Engine.start();

    @AfterEach
    void nothingIsHeld() {
        engine.until(() -> engine.stats().permitsInUse() == 0);
        assertThat(engine.stats().consistent()).isTrue();
        engine.close();
    }

    private void with(RequestInterceptor interceptor) {
        engine.close();
        Setup intercepted = new Setup();
        intercepted.requestInterceptors.add(interceptor);
        engine = intercepted.start();
    }

    /** Adds a header, and logs how the stage ends. */
    private void withMarking() {
        with((request, next) -> next.proceed(marked(request))
                .whenComplete((reply, failure) -> log.add(request.subject()
                        + (failure == null ? " -> \"" + reply.text() + "\"" : " fails " + codeOf(failure)))));
    }

    private static OutgoingRequest marked(OutgoingRequest request) {
        return new OutgoingRequest(request.subject(), request.message().withHeader("mark", "seen"), request.options());
    }

    private static ErrorCode codeOf(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return ((AntiphonException) cause).code();
    }

    private SentRequest nextMarked() {
        SentRequest sent = engine.transport.nextRequest();
        assertThat(sent.outbound().message().header("mark")).contains("seen");
        return sent;
    }

    private void untilLogged(String... lines) {
        engine.until(() -> log.size() == lines.length);
        assertThat(log).containsExactlyInAnyOrder(lines);
    }

    // -- send --

    @Test
    void send_passes() {
        withMarking();
        Call call = engine.messenger.send("a", ASKING, SendOptions.DEFAULTS.withConfirmation(Confirmation.ACCEPTED));
        SentRequest sent = nextMarked();
        assertThat(sent.wants()).isEqualTo("1;accepted;no-reply");

        sent.frame("accepted", wayBack);

        assertThat(call.join().size()).isZero();
        untilLogged("a -> \"\"");
    }

    @Test
    void send_repeatedByAnInterceptor_isSentAgain() {
        with((request, next) -> next.proceed(request).exceptionallyCompose(failure -> next.proceed(request)));
        Call call = engine.messenger.send("a", ASKING, SendOptions.DEFAULTS);
        engine.transport.nextRequest().noResponders();

        engine.transport.nextRequest().reply("done");

        assertThat(call.join().size()).isZero();
    }

    // -- race --

    @Test
    void race_eachCopyPasses() {
        withMarking();
        Call call = engine.messenger.race(List.of("a", "b"), ASKING, RaceOptions.DEFAULTS);
        SentRequest loser = nextMarked();
        loser.frame("accepted", wayBack);

        nextMarked().reply("won");

        assertThat(call.join().text()).isEqualTo("won");
        assertThat(engine.transport.nextFrame().kind()).isEqualTo("cancel");
        untilLogged("a fails CANCELLED", "b -> \"won\"");
    }

    @Test
    void race_replyThatAnInterceptorChanges_isTheReply() {
        with((request, next) -> next.proceed(request).thenApply(reply -> Message.of(reply.text() + "!")));
        Call call = engine.messenger.race(List.of("a", "b"), ASKING, RaceOptions.DEFAULTS);
        engine.transport.nextRequest();

        engine.transport.nextRequest().reply("won");

        assertThat(call.join().text()).isEqualTo("won!");
    }

    @Test
    void race_interceptorAnswersItself_nothingIsSent() {
        with((request, next) -> CompletableFuture.completedFuture(Message.of("cached")));

        Call call = engine.messenger.race(List.of("a", "b"), ASKING, RaceOptions.DEFAULTS);

        assertThat(call.join().text()).isEqualTo("cached");
        assertThat(engine.transport.requests).isEmpty();
    }

    @Test
    void race_allCopiesFail_failsAsTheFirst() {
        with((request, next) -> {
            throw new IllegalStateException("no token for " + request.subject());
        });

        Call call = engine.messenger.race(List.of("a", "b"), ASKING, RaceOptions.DEFAULTS);

        assertThat(Failed.with(call).code()).isEqualTo(ErrorCode.INTERNAL);
        assertThat(Failed.with(call)).hasMessageContaining("no token for a");
    }

    // -- gather --

    private static GatherResult resultOf(CompletableFuture<GatherResult> gathering) {
        return Latches.get(gathering);
    }

    @Test
    void gather_eachSubjectPassesAndRepliesComeBesideIt() {
        withMarking();
        CompletableFuture<GatherResult> gathering =
                engine.messenger.gather(List.of("a", "b"), ASKING, GatherOptions.DEFAULTS);
        nextMarked().reply("from a");

        nextMarked().reply("from b");

        assertThat(resultOf(gathering).end()).isEqualTo(End.EVERYBODY);
        assertThat(resultOf(gathering).messages()).extracting(Message::text).containsExactly("from a", "from b");
        untilLogged("a -> \"\"", "b -> \"\"");
    }

    @Test
    void gather_sentToAnotherSubject_countsForTheOneAsked() {
        with((request, next) ->
                next.proceed(new OutgoingRequest("new." + request.subject(), request.message(), request.options())));
        CompletableFuture<GatherResult> gathering =
                engine.messenger.gather(List.of("a", "b"), ASKING, GatherOptions.DEFAULTS);
        SentRequest first = engine.transport.nextRequest();
        assertThat(first.outbound().subject()).isEqualTo("new.a");
        first.reply("from a");
        engine.transport.nextRequest().noResponders();

        GatherResult result = resultOf(gathering);
        assertThat(result.end()).isEqualTo(End.EVERYBODY);
        assertThat(result.missing()).containsExactly("b");
        assertThat(result.replies())
                .singleElement()
                .satisfies(reply -> assertThat(reply.subject()).isEqualTo("new.a"));
    }

    @Test
    void gather_interceptorAnswersOneSubject_isItsReply() {
        with((request, next) -> request.subject().equals("a")
                ? CompletableFuture.completedFuture(Message.of("cached"))
                : next.proceed(request));
        CompletableFuture<GatherResult> gathering =
                engine.messenger.gather(List.of("a", "b"), ASKING, GatherOptions.DEFAULTS);

        engine.transport.nextRequest().reply("from b");

        assertThat(resultOf(gathering).end()).isEqualTo(End.EVERYBODY);
        assertThat(resultOf(gathering).messages()).extracting(Message::text).containsExactly("cached", "from b");
    }

    @Test
    void gather_interceptorsFail_saysWhy() {
        with((request, next) -> {
            throw new IllegalStateException("no token");
        });

        GatherResult result = resultOf(engine.messenger.gather("a", ASKING, GatherOptions.DEFAULTS));

        assertThat(result.end()).isEqualTo(End.FAILED);
        assertThat(result.errors()).singleElement().satisfies(error -> {
            assertThat(error.exception().code()).isEqualTo(ErrorCode.INTERNAL);
            assertThat(error.exception()).hasMessageContaining("no token");
        });
    }

    @Test
    void gather_interceptorMakesABadRequest_saysSo() {
        with((request, next) -> next.proceed(new OutgoingRequest("bad subject", request.message(), request.options())));

        GatherResult result = resultOf(engine.messenger.gather("a", ASKING, GatherOptions.DEFAULTS));

        assertThat(result.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.exception().code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }

    @Test
    void gather_proceedsAgain_isRefusedAndChangesNothing() {
        with((request, next) -> next.proceed(request)
                .thenCompose(first ->
                        next.proceed(request).whenComplete((reply, failure) -> log.add("again: " + codeOf(failure)))));
        CompletableFuture<GatherResult> gathering =
                engine.messenger.gather("a", ASKING, GatherOptions.DEFAULTS.withMax(1));

        engine.transport.nextRequest().reply("one");

        assertThat(resultOf(gathering).end()).isEqualTo(End.ENOUGH);
        untilLogged("again: UNSUPPORTED");
        assertThat(engine.transport.requests).isEmpty();
    }

    @Test
    void gather_cancelledBeforeItsInterceptorGoesOn_isNotSent() {
        CompletableFuture<Void> token = new CompletableFuture<>();
        with((request, next) -> token.thenCompose(ignored -> next.proceed(request))
                .whenComplete((reply, failure) -> log.add(codeOf(failure).name())));
        CompletableFuture<GatherResult> gathering = engine.messenger.gather("a", ASKING, GatherOptions.DEFAULTS);
        gathering.cancel(false);

        token.complete(null);

        untilLogged("CANCELLED");
        assertThat(engine.transport.requests).isEmpty();
    }

    // -- stream --

    @Test
    void stream_passesAndItemsComeBesideIt() {
        withMarking();
        StreamProbe probe = StreamProbe.greedy();
        engine.messenger.stream("a", ASKING, StreamOptions.DEFAULTS).subscribe(probe);
        SentRequest sent = nextMarked();
        sent.frame("item;x=00000000001", "one", wayBack);
        assertThat(log).isEmpty();

        sent.frame("end;n=1;x=00000000001", wayBack);

        engine.until(() -> probe.signals.equals(List.of("one", "done")));
        untilLogged("a -> \"\"");
    }

    @Test
    void stream_eachSubscriptionPasses() {
        withMarking();
        var stream = engine.messenger.stream("a", ASKING, StreamOptions.DEFAULTS);
        for (int i = 0; i < 2; i++) {
            StreamProbe probe = StreamProbe.greedy();
            stream.subscribe(probe);
            nextMarked().reply("only");
            engine.until(() -> probe.signals.equals(List.of("only", "done")));
        }
        untilLogged("a -> \"\"", "a -> \"\"");
    }

    @Test
    void stream_interceptorAnswersItself_isTheOnlyItem() {
        with((request, next) -> CompletableFuture.completedFuture(Message.of("cached")));
        StreamProbe probe = new StreamProbe(0);
        engine.messenger.stream("a", ASKING, StreamOptions.DEFAULTS).subscribe(probe);
        assertThat(probe.signals).isEmpty();

        probe.ask(1);

        engine.until(() -> probe.signals.equals(List.of("cached", "done")));
        assertThat(engine.transport.requests).isEmpty();
    }

    @Test
    void stream_interceptorFails_fails() {
        with((request, next) -> {
            throw new IllegalStateException("no token");
        });
        StreamProbe probe = StreamProbe.greedy();

        engine.messenger.stream("a", ASKING, StreamOptions.DEFAULTS).subscribe(probe);

        engine.until(() -> probe.signals.equals(List.of("failed")));
        assertThat(probe.ourFailure().code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void stream_cancelledBeforeItsInterceptorGoesOn_isNotSent() {
        CompletableFuture<Void> token = new CompletableFuture<>();
        with((request, next) -> token.thenCompose(ignored -> next.proceed(request))
                .whenComplete((reply, failure) -> log.add(codeOf(failure).name())));
        StreamProbe probe = StreamProbe.greedy();
        engine.messenger.stream("a", ASKING, StreamOptions.DEFAULTS).subscribe(probe);
        probe.cancel();

        token.complete(null);

        untilLogged("CANCELLED");
        assertThat(engine.transport.requests).isEmpty();
        assertThat(probe.signals).isEmpty();
    }

    @Test
    void interceptor_goesOnLater_leavesLessOfTheTime() {
        CompletableFuture<Void> token = new CompletableFuture<>();
        ManualClock clock = new ManualClock();
        Setup setup = new Setup();
        setup.clock = clock;
        setup.requestInterceptors.add((request, next) -> token.thenCompose(ignored -> next.proceed(request)));
        engine.close();
        engine = setup.start();
        CompletableFuture<GatherResult> gathering =
                engine.messenger.gather("a", ASKING, GatherOptions.DEFAULTS.withTimeout(Duration.ofSeconds(10)));
        clock.advance(Duration.ofSeconds(4));

        token.complete(null);

        SentRequest sent = engine.transport.nextRequest();
        assertThat(sent.budget()).isEqualTo("6000");
        gathering.cancel(false);
    }
}
