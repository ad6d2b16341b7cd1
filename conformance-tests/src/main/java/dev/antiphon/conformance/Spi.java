package dev.antiphon.conformance;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.TransportListener;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What is needed to drive a transport without the engine. */
final class Spi {
    private Spi() {}

    /** A send callback that is a future. It fails the future, too, if it is called a second time before anyone looks. */
    static final class Sent extends CompletableFuture<Void> implements SendCallback {
        private final List<String> calls = new CopyOnWriteArrayList<>();

        @Override
        public void onSent() {
            calls.add("onSent");
            complete(null);
        }

        @Override
        public void onFailed(AntiphonException failure) {
            calls.add("onFailed(" + failure.code() + ")");
            completeExceptionally(failure);
        }

        /** Every call so far; a transport makes exactly one. */
        List<String> calls() {
            return List.copyOf(calls);
        }
    }

    /** A listener that keeps everything. */
    static final class Events implements TransportListener {
        private final List<ConnectionState> states = new CopyOnWriteArrayList<>();
        private final List<AntiphonException> errors = new CopyOnWriteArrayList<>();
        private final List<String> slowConsumers = new CopyOnWriteArrayList<>();

        @Override
        public void onState(ConnectionState state, @Nullable AntiphonException cause) {
            states.add(state);
        }

        @Override
        public void onReplyChannelMoved(ReplyChannel channel) {
            // nobody asks yet
        }

        @Override
        public void onSlowConsumer(String subject) {
            slowConsumers.add(subject);
        }

        @Override
        public void onError(AntiphonException error) {
            errors.add(error);
        }

        List<ConnectionState> states() {
            return List.copyOf(states);
        }

        List<AntiphonException> errors() {
            return List.copyOf(errors);
        }

        List<String> slowConsumers() {
            return List.copyOf(slowConsumers);
        }
    }

    /** The result of a stage, or its failure, as it is. */
    static <T> T await(CompletionStage<T> stage, Timing timing) {
        try {
            return stage.toCompletableFuture().get(timing.signal().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AntiphonException failure) {
                throw failure;
            }
            throw new AssertionError("failed with something that is no AntiphonException: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new AssertionError("did not end within " + timing.signal(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
