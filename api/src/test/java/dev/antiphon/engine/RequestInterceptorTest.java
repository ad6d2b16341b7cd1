package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.OutgoingRequest;
import dev.antiphon.RequestInterceptor;
import dev.antiphon.RequestOptions;
import dev.antiphon.spi.ControlHeaders;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Interceptors around requests. */
class RequestInterceptorTest {

    /** Sends again as long as it fails. */
    private static final RequestInterceptor RETRYING = new RequestInterceptor() {
        @Override
        public CompletionStage<Message> intercept(OutgoingRequest request, Next next) {
            return next.proceed(request).exceptionallyCompose(failure -> intercept(request, next));
        }
    };

    private final List<String> log = new CopyOnWriteArrayList<>();
    private Engine engine = Engine.start();

    @AfterEach
    void nothingIsHeld() {
        engine.until(() -> engine.stats().permitsInUse() == 0);
        assertThat(engine.stats().consistent()).isTrue();
        engine.close();
    }

    private void with(RequestInterceptor... interceptors) {
        engine.close();
        Setup intercepted = new Setup();
        intercepted.requestInterceptors.addAll(List.of(interceptors));
        engine = intercepted.start();
    }

    private RequestInterceptor logging(String name) {
        return (request, next) -> {
            log.add(name + " out");
            Message marked = request.message().withHeader(name, "seen");
            return next.proceed(new OutgoingRequest(request.subject(), marked, request.options()))
                    .thenApply(reply -> {
                        log.add(name + " back");
                        return reply.withHeader(name, "seen");
                    });
        };
    }

    @Test
    void interceptors_several_runInTheOrderTheyWereAdded() {
        with(logging("outer"), logging("inner"));

        Call call = engine.request();
        SentRequest sent = engine.transport.nextRequest();
        sent.reply("reply");

        assertThat(call.join().headers().names()).containsExactly("inner", "outer");
        assertThat(log).containsExactly("outer out", "inner out", "inner back", "outer back");
        assertThat(sent.outbound().message().headers().names())
                .containsExactlyInAnyOrder("outer", "inner", ControlHeaders.BUDGET);
        assertThat(call.id()).isEqualTo(dev.antiphon.spi.CorrelationId.toText(sent.correlationId()));
        assertThat(call.subject()).isEqualTo("subject");
    }

    @Test
    void interceptor_answersItself_nothingIsSent() {
        with((request, next) -> CompletableFuture.completedFuture(Message.of("cached")));

        assertThat(engine.request().join().text()).isEqualTo("cached");
        assertThat(engine.transport.requests).isEmpty();
    }

    @Test
    void interceptor_retries_theCallEndsWithTheLastAttempt() {
        with(RETRYING);

        Call call = engine.request();
        SentRequest first = engine.transport.nextRequest();
        first.noResponders();
        SentRequest second = engine.transport.nextRequest();
        assertThat(call.isDone()).isFalse();
        second.reply("at last");

        assertThat(call.join().text()).isEqualTo("at last");
        assertThat(second.correlationId()).isNotEqualTo(first.correlationId());
        assertThat(engine.stats().requestsSent()).isEqualTo(2);
    }

    @Test
    void cancel_attemptInFlight_cancelsItAndSendsNoOther() {
        AtomicInteger attempts = new AtomicInteger();
        with((request, next) -> next.proceed(request).exceptionallyCompose(failure -> {
            attempts.incrementAndGet();
            return next.proceed(request);
        }));
        Call call = engine.request();
        engine.transport.nextRequest();

        assertThat(call.cancel()).isTrue();

        assertThat(codeOf(call)).isEqualTo(ErrorCode.CANCELLED);
        engine.until(() -> attempts.get() == 1);
        engine.until(() -> engine.stats().permitsInUse() == 0);
        assertThat(engine.transport.requests).as("the caller has gone").isEmpty();
        assertThat(call.cancel()).isFalse();
    }

    @Test
    void cancel_ofTheFuture_cancelsTheAttempt() {
        with(logging("one"));
        Call call = engine.request();

        call.toCompletableFuture().cancel(true);

        assertThat(codeOf(call)).isEqualTo(ErrorCode.CANCELLED);
        assertThat(engine.stats().permitsInUse()).isZero();
    }

    @Test
    void join_interrupted_cancelsAndKeepsTheFlag() {
        with(logging("one"));
        Call call = engine.request();

        Thread.currentThread().interrupt();

        assertThat(codeOf(call)).isEqualTo(ErrorCode.CANCELLED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(engine.stats().permitsInUse()).isZero();
    }

    @Test
    void interceptor_throws_theCallFails() {
        with((request, next) -> {
            throw new IllegalStateException("a defect");
        });

        Call call = engine.request();

        assertThatThrownBy(call::join).hasMessageContaining("a defect");
        assertThat(codeOf(call)).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    @SuppressWarnings("NullAway")
    void interceptor_returnsNull_theCallFails() {
        with((request, next) -> null);

        assertThat(codeOf(engine.request())).isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void interceptor_makesABadRequest_theCallFails() {
        with((request, next) -> next.proceed(new OutgoingRequest("bad subject", request.message(), request.options())));

        assertThat(codeOf(engine.request())).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void call_fails_theFailureReachesInterceptorAndCaller() {
        AtomicInteger failures = new AtomicInteger();
        with((request, next) -> next.proceed(request).whenComplete((reply, failure) -> {
            if (failure != null) {
                failures.incrementAndGet();
            }
        }));

        Call call = engine.request(RequestOptions.timeout(Duration.ofMillis(20)));

        AntiphonException failure = catchThrowableOfType(AntiphonException.class, call::join);
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failure.requestId()).isEqualTo(call.id());
        assertThat(failures).hasValue(1);
    }

    @Test
    void close_attemptInFlight_endsTheCall() {
        with(logging("one"));
        Call call = engine.request();

        engine.close();

        assertThat(codeOf(call)).isEqualTo(ErrorCode.CLOSED);
    }

    private static ErrorCode codeOf(Call call) {
        return catchThrowableOfType(AntiphonException.class, call::join).code();
    }
}
