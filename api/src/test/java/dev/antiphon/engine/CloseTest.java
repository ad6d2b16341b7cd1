package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The hard end of a messenger. */
class CloseTest {

    @Test
    void close_with1000Pending_eachHasFailedWhenItReturns() {
        Engine engine = Engine.start();
        List<Call> calls =
                IntStream.range(0, 1000).mapToObj(i -> engine.request()).toList();
        List<CompletableFuture<Message>> futures =
                calls.stream().map(Call::toCompletableFuture).toList();

        engine.close();

        assertThat(calls).allSatisfy(call -> {
            assertThat(call.isDone()).isTrue();
            assertThat(codeOf(call)).isEqualTo(ErrorCode.CLOSED);
        });
        assertThat(futures).allSatisfy(future -> assertThat(future).isDone());
        assertThat(engine.stats().consistent()).isTrue();
        assertThat(engine.stats().inFlight()).isZero();
        assertThat(engine.stats().requestsFailed()).isEqualTo(1000);
    }

    @RepeatedTest(20)
    void close_racingWithRequests_leavesNoCallUnfinished() throws Exception {
        Engine engine = Engine.start(1 << 17);
        CountDownLatch requesting = new CountDownLatch(2);
        List<CompletableFuture<List<Call>>> requesters = List.of(
                Background.supply(() -> requestUntilClosed(engine, requesting)),
                Background.supply(() -> requestUntilClosed(engine, requesting)));
        Latches.await(requesting);

        engine.close();

        for (CompletableFuture<List<Call>> requester : requesters) {
            assertThat(requester.get(10, TimeUnit.SECONDS))
                    .isNotEmpty()
                    .allSatisfy(call -> assertThat(call.isDone()).isTrue());
        }
        assertThat(engine.stats().inFlight()).isZero();
        assertThat(engine.stats().timersArmed()).isZero();
        assertThat(engine.stats().permitsInUse()).isZero();
    }

    private static List<Call> requestUntilClosed(Engine engine, CountDownLatch requesting) {
        List<Call> calls = new ArrayList<>();
        try {
            for (; ; ) {
                calls.add(engine.request(RequestOptions.timeout(Duration.ofMinutes(1))));
                if (calls.size() == 10) {
                    requesting.countDown();
                }
            }
        } catch (AntiphonException closed) {
            assertThat(closed.code()).isEqualTo(ErrorCode.CLOSED);
            return calls;
        }
    }

    @Test
    void close_always_closesTheChannelBeforeTheTransport() {
        Engine engine = Engine.start();
        engine.respond(request -> null);

        engine.close();

        assertThat(engine.transport.log)
                .containsExactly("start", "channel", "subscribe work", "stop work", "channel closed", "close");
        assertThat(engine.messenger.state()).isEqualTo(ConnectionState.CLOSED);
        assertThat(engine.listener.states).containsExactly(ConnectionState.CONNECTED, ConnectionState.CLOSED);
    }

    @Test
    void close_twice_closesOnce() {
        Engine engine = Engine.start();

        engine.close();
        engine.close();

        assertThat(engine.transport.log).containsOnlyOnce("close");
    }

    @Test
    void close_twiceAtTheSameTime_returnsWithEveryCallEnded() throws Exception {
        Setup setup = new Setup();
        setup.completeOnTransportThread = true;
        Engine engine = setup.start();
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<Call> calls =
                IntStream.range(0, 100).mapToObj(i -> engine.request()).toList();
        calls.forEach(call -> call.whenComplete((reply, failure) -> {
            first.countDown();
            Latches.await(goOn);
        }));

        CompletableFuture<Void> closing = Background.run(engine::close);
        Latches.await(first);
        CompletableFuture<Boolean> second = Background.supply(() -> {
            engine.close();
            return calls.stream().allMatch(Call::isDone);
        });
        goOn.countDown();

        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
        closing.get(10, TimeUnit.SECONDS);
    }

    @Test
    void close_fromAContinuation_returns() {
        Engine engine = Engine.start();
        CompletableFuture<Void> closed = engine.request()
                .handle((reply, failure) -> {
                    engine.close();
                    return (Void) null;
                })
                .toCompletableFuture();

        engine.transport.nextRequest().reply("reply");

        assertThat(closed).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void use_afterClose_isRefused() {
        Engine engine = Engine.start();
        engine.close();

        assertThat(List.<Runnable>of(
                        engine::request,
                        () -> engine.messenger.publish("subject", Message.empty()),
                        () -> engine.messenger.respond("subject", request -> null),
                        () -> engine.messenger.subscribe("subject", delivery -> {}),
                        () -> engine.messenger.respondAsync("subject", request -> new CompletableFuture<>())))
                .allSatisfy(use -> assertThatThrownBy(use::run)
                        .isInstanceOfSatisfying(AntiphonException.class, failure -> {
                            assertThat(failure.code()).isEqualTo(ErrorCode.CLOSED);
                            assertThat(failure.mayHaveExecuted()).isFalse();
                        }));
    }

    @Test
    void transport_givesUp_closesTheMessenger() {
        Engine engine = Engine.start();
        Call call = engine.request();

        engine.transport.listener().onState(ConnectionState.CLOSED, ScriptedTransport.failure(ErrorCode.NOT_CONNECTED));

        assertThatThrownBy(engine::request) // from the moment on that somebody may know
                .isInstanceOfSatisfying(
                        AntiphonException.class, late -> assertThat(late.code()).isEqualTo(ErrorCode.CLOSED));
        AntiphonException failure = catchThrowableOfType(AntiphonException.class, call::join);
        assertThat(failure.code()).isEqualTo(ErrorCode.CLOSED);
        assertThat(failure.getMessage()).contains("closed for good").contains("scripted");
        engine.until(() -> engine.transport.log.contains("close"));
        assertThat(engine.messenger.state()).isEqualTo(ConnectionState.CLOSED);
    }

    private static ErrorCode codeOf(Call call) {
        return catchThrowableOfType(AntiphonException.class, call::join).code();
    }
}
