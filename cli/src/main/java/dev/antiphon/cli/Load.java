package dev.antiphon.cli;

import dev.antiphon.AntiphonException;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RequestOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a number of requests in flight: each that ends makes room for the next. A closed loop, so a slow responder is
 * asked less often; latencies are those of a well-behaved caller.
 */
final class Load {

    private final Messenger messenger;
    private final String subject;
    private final Message message;
    private final RequestOptions options;
    private final Ending ending;

    /** Told how each request ended, on any thread, several at once. One of the two is null. */
    @FunctionalInterface
    interface Ending {
        void ended(@Nullable Message reply, @Nullable AntiphonException failure, long nanos);
    }

    Load(Messenger messenger, String subject, Message message, RequestOptions options, Ending ending) {
        this.messenger = messenger;
        this.subject = subject;
        this.message = message;
        this.options = options;
        this.ending = ending;
    }

    /**
     * Begins.
     *
     * @param more asked before each request, on any thread, whether there is one more
     * @return ends when there is no more and every request has ended; fails when a request can not be made at all
     */
    CompletableFuture<Void> start(int inFlight, BooleanSupplier more) {
        CompletableFuture<?>[] lanes = new CompletableFuture<?>[inFlight];
        for (int i = 0; i < inFlight; i++) {
            Lane lane = new Lane(more);
            lanes[i] = lane.end;
            lane.next();
        }
        return CompletableFuture.allOf(lanes);
    }

    /** One request after the other. */
    private final class Lane {

        private final BooleanSupplier more;
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private final AtomicInteger due = new AtomicInteger();

        Lane(BooleanSupplier more) {
            this.more = more;
        }

        /** A call that has ended when its stage is added comes here again from within: the loop keeps the stack flat. */
        void next() {
            if (due.getAndIncrement() == 0) {
                do {
                    send();
                } while (due.decrementAndGet() != 0);
            }
        }

        private void send() {
            if (!more.getAsBoolean()) {
                end.complete(null);
                return;
            }
            long start = System.nanoTime();
            try {
                messenger
                        .request(subject, message, options)
                        .whenComplete((reply, error) -> ended(reply, error, System.nanoTime() - start));
            } catch (RuntimeException e) {
                end.completeExceptionally(e);
            }
        }

        private void ended(@Nullable Message reply, @Nullable Throwable error, long nanos) {
            try {
                ending.ended(reply, error == null ? null : Failures.of(error), nanos);
            } finally {
                next();
            }
        }
    }
}
