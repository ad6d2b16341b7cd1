package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RespondOptions;
import dev.antiphon.spi.Capabilities;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscriptions that do not come about. */
class SubscribeFailureTest {

    private final Engine engine = Engine.start();
    private final AtomicInteger handled = new AtomicInteger();

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void broker_refuses_itsFailureIsThrownWithTheSubject() {
        engine.transport.onSubscribe =
                () -> CompletableFuture.failedFuture(ScriptedTransport.failure(ErrorCode.PERMISSION_DENIED));

        AntiphonException failure = respond("work");

        assertThat(failure.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
        assertThat(failure.subject()).isEqualTo("work");
    }

    @Test
    void transport_throws_isInternal() {
        engine.transport.onSubscribe = () -> {
            throw new IllegalStateException("a defect");
        };

        assertThat(respond("work").code()).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void caller_interrupted_leavesNothingEvenIfTheBrokerConfirmsLater() {
        CompletableFuture<Void> confirming = new CompletableFuture<>();
        engine.transport.onSubscribe = () -> confirming;

        Thread.currentThread().interrupt();
        AntiphonException failure = respond("work");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(failure.code()).isEqualTo(ErrorCode.CANCELLED);

        ScriptedDelivery meanwhile = engine.transport.lastSubscription().request("x");
        confirming.complete(null);

        assertThat(engine.transport.log).endsWith("stop work");
        AntiphonException refused = Objects.requireNonNull(ControlCodec.error(meanwhile.reply()));
        assertThat(refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(handled).as("nobody holds this responder").hasValue(0);
    }

    @Test
    void transport_withoutGroups_isUnsupported() {
        engine.transport.capabilities = Capabilities.of(ScriptedTransport.CAPABILITIES.limits());

        AntiphonException failure = catchThrowableOfType(
                AntiphonException.class,
                () -> engine.messenger.respond("work", request -> null, RespondOptions.queueGroup("group")));

        assertThat(failure.code()).isEqualTo(ErrorCode.UNSUPPORTED);
        assertThat(engine.transport.subscriptions).isEmpty();
    }

    @Test
    void transport_withoutWildcards_isUnsupported() {
        engine.transport.capabilities = Capabilities.of(ScriptedTransport.CAPABILITIES.limits());

        assertThat(respond("work.*").code()).isEqualTo(ErrorCode.UNSUPPORTED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a..b", "a.>.b", "a b", "a*"})
    void subject_bad_isAnInvalidArgument(String subject) {
        assertThat(respond(subject).code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThat(engine.transport.subscriptions).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "*", "a.>"})
    void group_bad_isAnInvalidArgument(String group) {
        AntiphonException failure = catchThrowableOfType(
                AntiphonException.class,
                () -> engine.messenger.respond("work", request -> null, RespondOptions.queueGroup(group)));

        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    private AntiphonException respond(String subject) {
        return catchThrowableOfType(
                AntiphonException.class,
                () -> engine.messenger.respond(subject, request -> {
                    handled.incrementAndGet();
                    return Message.empty();
                }));
    }
}
