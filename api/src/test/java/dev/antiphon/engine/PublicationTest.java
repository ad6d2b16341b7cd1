package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PublicationTest {

    private final Engine engine = Engine.start();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void publish_confirmedAtOnce_isDone() throws Exception {
        CompletableFuture<Void> published = engine.messenger.publish("news", Message.of("hello"));

        assertThat(published).isCompleted();
        SentMessage sent = engine.transport.published.take();
        assertThat(sent.outbound().subject()).isEqualTo("news");
        assertThat(sent.outbound().message()).isEqualTo(Message.of("hello"));
        assertThat(engine.stats().published()).isEqualTo(1);
    }

    @Test
    void publish_confirmedLater_runsDependentsOffTheTransportsThread() {
        CompletableFuture<SentMessage> sent = new CompletableFuture<>();
        engine.transport.onPublish = sent::complete;
        CompletableFuture<Thread> thread =
                engine.messenger.publish("news", Message.empty()).thenApply(ignored -> Thread.currentThread());
        assertThat(thread).isNotDone();

        Latches.get(sent).confirm();

        assertThat(Latches.get(thread).getName()).startsWith("antiphon-completion-");
    }

    @Test
    void publish_transportThrows_failsTheFuture() {
        engine.transport.onPublish = sent -> {
            throw ScriptedTransport.failure(ErrorCode.TOO_LARGE);
        };
        failsWith(engine.messenger.publish("news", Message.empty()), ErrorCode.TOO_LARGE);

        engine.transport.onPublish = sent -> {
            throw new IllegalStateException("a defect");
        };
        failsWith(engine.messenger.publish("news", Message.empty()), ErrorCode.INTERNAL);
    }

    @Test
    void publish_failsLater_failsTheFuture() {
        CompletableFuture<SentMessage> sent = new CompletableFuture<>();
        engine.transport.onPublish = sent::complete;
        CompletableFuture<Void> published = engine.messenger.publish("news", Message.empty());

        Latches.get(sent).callback().onFailed(ScriptedTransport.failure(ErrorCode.CONNECTION_LOST));

        failsWith(published, ErrorCode.CONNECTION_LOST);
    }

    @Test
    void publish_badArguments_throwsAndSendsNothing() {
        isInvalid(() -> engine.messenger.publish("news.*", Message.empty()));
        isInvalid(() -> engine.messenger.publish(
                "news", Message.empty().withHeaders(Headers.received(ControlHeaders.BUDGET, "1"))));
        isInvalid(() -> engine.messenger.publish(
                "news", Message.empty().withHeaders(Headers.received("Antiphon-Anything", "1"))));

        assertThat(engine.transport.published).isEmpty();
    }

    @Test
    void request_badArguments_throwsAndSendsNothing() {
        isInvalid(() -> engine.messenger.request("a.>", Message.empty()));
        isInvalid(() -> engine.messenger.request("", Message.empty()));
        isInvalid(() -> engine.messenger.request(
                "a", Message.empty().withHeaders(Headers.received(ControlHeaders.ERROR, "1"))));

        assertThat(engine.transport.requests).isEmpty();
        assertThat(engine.stats().permitsInUse()).isZero();
    }

    private static void isInvalid(Runnable use) {
        assertThatThrownBy(use::run)
                .isInstanceOfSatisfying(
                        AntiphonException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }

    private static void failsWith(CompletableFuture<Void> future, ErrorCode code) {
        assertThat(future)
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(AntiphonException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure.subject()).isEqualTo("news");
                });
    }
}
