package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.AsyncRequestHandler;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.RespondOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handlers that answer later, or never. */
class AsyncResponderTest {

    private final Engine engine = Engine.start();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void stage_endsLater_isTheReply() {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        ScriptedDelivery delivery = respond(request -> answer).request("hello");
        assertThat(delivery.replies).isEmpty();

        answer.complete(Message.of("later"));

        assertThat(delivery.reply().text()).isEqualTo("later");
        engine.until(() -> engine.stats().handlersRunning() == 0);
    }

    @Test
    void stage_endsWithNull_theReplyIsEmpty() {
        ScriptedDelivery delivery =
                respond(request -> CompletableFuture.completedFuture(null)).request("hello");

        assertThat(delivery.reply()).isEqualTo(Message.empty());
    }

    @Test
    void stage_failsWrapped_isAnErrorReplyWithTheCause() {
        ScriptedDelivery delivery = respond(request ->
                        CompletableFuture.failedFuture(new CompletionException(new RemoteException("CODE", "why"))))
                .request("hello");

        RemoteException failure = failureOf(delivery);

        assertThat(failure.remoteCode()).isEqualTo("CODE");
        assertThat(failure.remoteMessage()).isEqualTo("why");
    }

    @Test
    void stage_open_holdsItsPlace() throws Exception {
        LinkedBlockingQueue<CompletableFuture<Message>> answers = new LinkedBlockingQueue<>();
        ScriptedSubscription work = respond(
                request -> {
                    CompletableFuture<Message> answer = new CompletableFuture<>();
                    answers.add(answer);
                    return answer;
                },
                RespondOptions.DEFAULTS.withConcurrency(2));
        for (int i = 0; i < 4; i++) {
            work.request("request " + i);
        }
        CompletableFuture<Message> first = Objects.requireNonNull(answers.poll(10, TimeUnit.SECONDS));
        CompletableFuture<Message> second = Objects.requireNonNull(answers.poll(10, TimeUnit.SECONDS));
        assertThat(answers).isEmpty();
        assertThat(engine.stats().handlersRunning()).isEqualTo(4);

        first.complete(null);

        CompletableFuture<Message> third = Objects.requireNonNull(answers.poll(10, TimeUnit.SECONDS));
        assertThat(answers).isEmpty();
        second.complete(null);
        third.complete(null);
        Objects.requireNonNull(answers.poll(10, TimeUnit.SECONDS)).complete(null);
        engine.until(() -> engine.stats().handlersRunning() == 0);
        assertThat(engine.stats().requestsAnswered()).isEqualTo(4);
    }

    @Test
    void handler_throwsInsteadOfReturning_isAnsweredOnceAndForAll() {
        ScriptedDelivery delivery = respond(request -> {
                    throw new IllegalStateException("at once");
                })
                .request("hello");

        assertThat(failureOf(delivery).remoteMessage()).isEqualTo("at once");

        staysAnsweredOnce(delivery);
    }

    @Test
    void handler_returnsNull_isAnsweredOnceAndForAll() {
        @SuppressWarnings("NullAway")
        AsyncRequestHandler handler = request -> null;
        ScriptedDelivery delivery = respond(handler).request("hello");

        assertThat(failureOf(delivery).remoteMessage()).contains("null instead of a stage");

        staysAnsweredOnce(delivery);
    }

    @Test
    void handler_withInterceptorThrows_isAnsweredOnceAndForAll() {
        Setup setup = new Setup();
        setup.responderInterceptors.add((request, next) -> next.proceed(request));
        try (Engine intercepted = setup.start()) {
            ScriptedDelivery delivery = intercepted
                    .respond(request -> {
                        throw new IllegalStateException("at once");
                    })
                    .request("hello");
            assertThat(failureOf(delivery).remoteMessage()).isEqualTo("at once");

            staysAnsweredOnce(delivery);
            assertThat(intercepted.listener.errors).isEmpty();
            assertThat(intercepted.stats().handlersRunning()).isZero();
        }
    }

    /** Also when the collector has been through: the request was answered, not dropped. */
    private void staysAnsweredOnce(ScriptedDelivery delivery) {
        engine.until(() -> engine.stats().handlersRunning() == 0);
        collectDropped();
        assertThat(delivery.replies).isEmpty();
        assertThat(delivery.settlements).hasSize(1);
        assertThat(engine.listener.errors).isEmpty();
        assertThat(engine.stats().handlersRunning()).isZero();
    }

    /** Collects until a request that really was dropped, in an engine of its own, has been found. */
    private static void collectDropped() {
        try (Engine other = Engine.start()) {
            other.messenger.respondAsync("work", request -> new CompletableFuture<>());
            other.transport.lastSubscription().request("dropped");
            awaitCollected(other);
        }
    }

    private static void awaitCollected(Engine other) {
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return other.listener.errors.size() == 1;
        });
    }

    @Test
    void stage_dropped_isReportedAnsweredAndFreed() {
        ScriptedSubscription work =
                respond(request -> new CompletableFuture<>(), RespondOptions.DEFAULTS.withConcurrency(1));
        ScriptedDelivery dropped = work.request("dropped");
        awaitCollected(engine);

        assertThat(engine.listener.errors)
                .singleElement()
                .satisfies(error -> assertThat(error.getMessage()).contains("dropped its request"));
        assertThat(failureOf(dropped).remoteMessage()).contains("dropped");
        engine.until(() -> engine.stats().handlersRunning() == 0);
        assertThat(engine.stats().requestsAnswered()).isEqualTo(1);
    }

    @Test
    void stage_keptByTheHandler_isNotTakenForDropped() {
        CompletableFuture<Message> kept = new CompletableFuture<>();
        ScriptedDelivery delivery = respond(request -> kept).request("hello");

        collectDropped();

        assertThat(delivery.replies).isEmpty();
        assertThat(engine.listener.errors).isEmpty();
        kept.complete(Message.of("late"));
        assertThat(delivery.reply().text()).isEqualTo("late");
    }

    private ScriptedSubscription respond(AsyncRequestHandler handler) {
        return respond(handler, RespondOptions.DEFAULTS);
    }

    private ScriptedSubscription respond(AsyncRequestHandler handler, RespondOptions options) {
        engine.messenger.respondAsync("work", handler, options);
        return engine.transport.lastSubscription();
    }

    private static RemoteException failureOf(ScriptedDelivery delivery) {
        AntiphonException failure = ControlCodec.error(delivery.reply());
        assertThat(failure).isInstanceOf(RemoteException.class);
        return (RemoteException) Objects.requireNonNull(failure);
    }
}
