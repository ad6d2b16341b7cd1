package dev.antiphon.transport.kafka;

import dev.antiphon.spi.TransportThreads;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks the brokers something again and again, until the answer is the wanted one: nobody tells when that is. */
final class Looks {

    private static final long AGAIN_MILLIS = 10;

    private Looks() {}

    /**
     * Looks until it is so.
     *
     * @param look whether it is so; when it fails, there is no further look
     * @return whether it was so within the limit; false, too, when the transport was closed. Fails with a look that does.
     */
    static CompletableFuture<Boolean> until(
            TransportThreads threads, long limitNanos, Supplier<CompletableFuture<Boolean>> look) {
        CompletableFuture<Boolean> result = new CompletableFuture<>();
        until(threads, System.nanoTime() + limitNanos, look, result);
        return result;
    }

    private static void until(
            TransportThreads threads,
            long giveUp,
            Supplier<CompletableFuture<Boolean>> look,
            CompletableFuture<Boolean> result) {
        CompletableFuture<Void> unused = look.get().handle((so, failure) -> {
            if (failure != null) {
                result.completeExceptionally(Topics.unwrapped(failure));
            } else if (so || System.nanoTime() - giveUp > 0) {
                result.complete(so);
            } else if (!threads.later(
                    () -> until(threads, giveUp, look, result), AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                result.complete(false);
            }
            return null;
        });
    }
}
