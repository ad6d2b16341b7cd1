package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Rule E5: on which thread the end of a call is told, and to whom. */
class CompletionTest {

    @Test
    void dependents_byDefault_runOnTheMessengersPool() {
        try (Engine engine = Engine.start()) {
            CompletableFuture<Thread> thread = threadOfDependent(engine.request());

            engine.transport.nextRequest().reply("reply");

            assertThat(Latches.get(thread).getName()).startsWith("antiphon-completion-test-");
        }
    }

    @Test
    void dependents_ofATimeout_doNotRunOnTheTicker() {
        try (Engine engine = Engine.start()) {
            Call call = engine.request(RequestOptions.timeout(Duration.ofMillis(20)));

            assertThat(Latches.get(threadOfDependent(call)).getName()).startsWith("antiphon-completion-test-");
        }
    }

    @Test
    void dependents_completeOnTransportThread_runOnIt() {
        Setup setup = new Setup();
        setup.completeOnTransportThread = true;
        try (Engine engine = setup.start()) {
            CompletableFuture<Thread> thread = threadOfDependent(engine.request());

            engine.transport.nextRequest().reply("reply");

            assertThat(thread).isCompletedWithValue(Thread.currentThread());
        }
    }

    @Test
    void dependents_completionExecutorGiven_runOnIt() {
        Setup setup = new Setup();
        setup.completionExecutor = task -> new Thread(task, "mine").start();
        try (Engine engine = setup.start()) {
            CompletableFuture<Thread> thread = threadOfDependent(engine.request());

            engine.transport.nextRequest().reply("reply");

            assertThat(Latches.get(thread).getName()).isEqualTo("mine");
        }
    }

    @Test
    void dependents_completionExecutorRejects_runNevertheless() {
        Setup setup = new Setup();
        setup.completionExecutor = task -> {
            throw new RejectedExecutionException("shut down");
        };
        try (Engine engine = setup.start()) {
            CompletableFuture<Thread> thread = threadOfDependent(engine.request());

            engine.transport.nextRequest().reply("reply");

            assertThat(Latches.get(thread)).isNotSameAs(Thread.currentThread());
        }
    }

    @Test
    void dependents_thatBlock_delayNoOtherReply() {
        try (Engine engine = Engine.start()) {
            CountDownLatch goOn = new CountDownLatch(1);
            IntStream.range(0, 20).forEach(i -> {
                engine.request().thenRun(() -> Latches.await(goOn));
                engine.transport.nextRequest().reply("blocking");
            });

            CompletableFuture<Thread> thread = threadOfDependent(engine.request());
            engine.transport.nextRequest().reply("quick");

            assertThat(Latches.get(thread)).isNotNull();
            goOn.countDown();
        }
    }

    @Test
    void join_withinDependents_worksDeeperThanThereAreProcessors() {
        try (Engine engine = Engine.start()) {
            engine.transport.onRequest = sent -> {
                sent.confirm();
                sent.reply("reply");
            };

            assertThat(Latches.get(nest(engine, 50)).text()).isEqualTo("reply");
        }
    }

    private static CompletableFuture<Message> nest(Engine engine, int depth) {
        // Replies come at once, so the dependent is made to run on the pool.
        return Background.supply(() -> depth == 0 ? engine.request().join() : Latches.get(nest(engine, depth - 1)));
    }

    @Test
    void join_severalThreads_allGetTheReply() {
        try (Engine engine = Engine.start()) {
            Call call = engine.request();
            CompletableFuture<Message> one = Background.supply(call::join);
            CompletableFuture<Message> two = Background.supply(call::join);
            CompletableFuture<Message> three = Background.supply(call::join);

            engine.transport.nextRequest().reply("reply");

            assertThat(Latches.get(one)).isSameAs(Latches.get(two)).isSameAs(Latches.get(three));
            assertThat(call.join()).isSameAs(Latches.get(one));
        }
    }

    @Test
    void join_interruptedWhileItWaits_cancelsAndKeepsTheFlag() throws Exception {
        try (Engine engine = Engine.start()) {
            Call call = engine.request();
            CompletableFuture<AntiphonException> failure = new CompletableFuture<>();
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread joining = new Thread(() -> {
                failure.complete(catchThrowableOfType(AntiphonException.class, call::join));
                flag.complete(Thread.currentThread().isInterrupted());
            });
            joining.start();
            Awaitility.await().until(() -> joining.getState() == Thread.State.WAITING);

            joining.interrupt();

            assertThat(Latches.get(failure).code()).isEqualTo(ErrorCode.CANCELLED);
            assertThat(Latches.get(flag)).isTrue();
            assertThat(engine.stats().permitsInUse()).isZero();
            joining.join();
        }
    }

    @Test
    void join_secondThreadInterrupted_cancelsForBoth() {
        try (Engine engine = Engine.start()) {
            Call call = engine.request();
            CompletableFuture<AntiphonException> first = new CompletableFuture<>();
            Thread joining =
                    new Thread(() -> first.complete(catchThrowableOfType(AntiphonException.class, call::join)));
            joining.start();
            Awaitility.await().until(() -> joining.getState() == Thread.State.WAITING);

            Thread.currentThread().interrupt();
            AntiphonException mine = catchThrowableOfType(AntiphonException.class, call::join);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(mine.code()).isEqualTo(ErrorCode.CANCELLED);
            assertThat(Latches.get(first).code()).isEqualTo(ErrorCode.CANCELLED);
        }
    }

    @Test
    void future_completedByTheUser_doesNotEndTheCall() {
        try (Engine engine = Engine.start()) {
            Call call = engine.request();
            CompletableFuture<Message> future = call.toCompletableFuture();

            future.complete(Message.of("mine"));

            assertThat(call.isDone()).isFalse();
            engine.transport.nextRequest().reply("reply");
            assertThat(call.join().text()).isEqualTo("reply");
            assertThat(call.toCompletableFuture().join().text()).isEqualTo("reply");
        }
    }

    @Test
    void future_derivedOneCancelled_doesNotCancelTheCall() {
        try (Engine engine = Engine.start()) {
            Call call = engine.request();

            call.toCompletableFuture().thenApply(Message::text).cancel(true);

            assertThat(call.isDone()).isFalse();
            call.cancel();
        }
    }

    @Test
    void future_callEnded_isDoneAtOnce() {
        try (Engine engine = Engine.start()) {
            Call call = engine.request();
            engine.transport.nextRequest().reply("reply");

            assertThat(call.toCompletableFuture())
                    .isCompletedWithValueMatching(reply -> reply.text().equals("reply"));
        }
    }

    private static CompletableFuture<Thread> threadOfDependent(Call call) {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        call.whenComplete((reply, failure) -> thread.complete(Thread.currentThread()));
        return thread;
    }
}
