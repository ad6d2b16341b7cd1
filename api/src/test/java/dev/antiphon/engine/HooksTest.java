package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.MessengerListener;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HooksTest {

    private final List<String> heard = new CopyOnWriteArrayList<>();

    @Test
    void hooks_fromTwoThreads_areCalledOneAtATimeInOrder() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        Hooks hooks = new Hooks(
                new MessengerListener() {
                    @Override
                    public void onConnectionState(ConnectionState state, @Nullable AntiphonException cause) {
                        overlaps.addAndGet(running.getAndIncrement());
                        heard.add(
                                cause == null
                                        ? ""
                                        : Objects.requireNonNull(cause.getMessage())
                                                .substring("INTERNAL: ".length()));
                        running.decrementAndGet();
                    }
                },
                task -> Background.run(task));
        CompletableFuture<Void> other = Background.run(() -> report(hooks, "a"));
        report(hooks, "b");
        Latches.get(other);

        org.awaitility.Awaitility.await().until(() -> heard.size() == 4000);
        assertThat(overlaps).hasValue(0);
        for (String thread : List.of("a", "b")) {
            assertThat(heard.stream().filter(text -> text.startsWith(thread)))
                    .isEqualTo(
                            IntStream.range(0, 2000).mapToObj(i -> thread + i).toList());
        }
    }

    private static void report(Hooks hooks, String thread) {
        for (int i = 0; i < 2000; i++) {
            hooks.connectionState(ConnectionState.RECONNECTING, new AntiphonException(ErrorCode.INTERNAL, thread + i));
        }
    }

    @Test
    void listener_throws_theNextHookIsCalled() {
        RecordingListener recorder = new RecordingListener();
        Hooks hooks = new Hooks(
                new MessengerListener() {
                    @Override
                    public void onError(AntiphonException error) {
                        throw new IllegalStateException("on purpose");
                    }

                    @Override
                    public void onSlowConsumer(String subject) {
                        recorder.onSlowConsumer(subject);
                    }
                },
                Runnable::run);

        hooks.error(new AntiphonException(ErrorCode.INTERNAL, "x"));
        hooks.slowConsumer("news");

        assertThat(recorder.slow).containsExactly("news");
    }

    @Test
    void listener_blocks_hooksAreBoundedAndStatesAreNeverLost() {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        RecordingListener recorder = new RecordingListener();
        Hooks hooks = new Hooks(
                new MessengerListener() {
                    @Override
                    public void onSlowConsumer(String subject) {
                        blocked.countDown();
                        Latches.await(goOn);
                    }

                    @Override
                    public void onError(AntiphonException error) {
                        recorder.onError(error);
                    }

                    @Override
                    public void onConnectionState(ConnectionState state, @Nullable AntiphonException cause) {
                        recorder.onConnectionState(state, cause);
                    }
                },
                task -> Background.run(task));
        hooks.slowConsumer("news");
        Latches.await(blocked);
        AntiphonException error = new AntiphonException(ErrorCode.INTERNAL, "x");

        IntStream.range(0, 5000).forEach(i -> hooks.error(error));
        hooks.connectionState(ConnectionState.CLOSED, null);
        goOn.countDown();

        org.awaitility.Awaitility.await().until(() -> !recorder.states.isEmpty());
        assertThat(recorder.errors).hasSizeBetween(1000, 1100);
        assertThat(recorder.states).containsExactly(ConnectionState.CLOSED);
    }

    @Test
    void hooks_ofTheTransport_reachTheListener() {
        try (Engine engine = Engine.start()) {
            engine.transport.listener().onError(ScriptedTransport.failure(ErrorCode.PERMISSION_DENIED));
            engine.transport.listener().onSlowConsumer("news");
            engine.transport.state(ConnectionState.RECONNECTING);
            engine.transport.state(ConnectionState.RECONNECTING);
            engine.transport.state(ConnectionState.CONNECTED);

            engine.until(() -> engine.listener.states.size() == 3);
            assertThat(engine.listener.states)
                    .containsExactly(
                            ConnectionState.CONNECTED, ConnectionState.RECONNECTING, ConnectionState.CONNECTED);
            assertThat(engine.listener.errors).hasSize(1);
            assertThat(engine.listener.slow).containsExactly("news");
            assertThat(engine.stats().reconnects()).isEqualTo(1);
        }
    }
}
