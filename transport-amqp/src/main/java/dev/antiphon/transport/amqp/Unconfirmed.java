package dev.antiphon.transport.amqp;

import dev.antiphon.spi.SendCallback;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The publications that a broker has not confirmed, by their number on the channel. Guarded by its owner. */
final class Unconfirmed {

    private record Waiter(long upTo, CompletableFuture<Void> confirmed) {}

    private @Nullable SendCallback[] ring = new SendCallback[256];
    /** Everything below was confirmed. */
    private long first = 1;

    private long next = 1;
    private final List<Waiter> waiters = new ArrayList<>();

    /** Begins anew, on a new channel. Nothing may be left. */
    void reset() {
        first = 1;
        next = 1;
    }

    int size() {
        int size = 0;
        for (long number = first; number < next; number++) {
            size += at(number) == null ? 0 : 1;
        }
        return size;
    }

    /** Takes the next number. */
    void add(long number, SendCallback callback) {
        if (next - first == ring.length) {
            grow();
        }
        ring[(int) (number & (ring.length - 1))] = callback;
        next = number + 1;
    }

    private void grow() {
        @Nullable SendCallback[] larger = new SendCallback[2 * ring.length];
        for (long number = first; number < next; number++) {
            larger[(int) (number & (larger.length - 1))] = at(number);
        }
        ring = larger;
    }

    /** Takes one out, or everything up to it, and adds it to {@code into}. */
    void take(long number, boolean multiple, List<SendCallback> into) {
        long last = Math.min(number, next - 1);
        for (long at = multiple ? first : Math.max(first, number); at <= last; at++) {
            SendCallback callback = at(at);
            if (callback != null) {
                ring[(int) (at & (ring.length - 1))] = null;
                into.add(callback);
            }
        }
        while (first < next && at(first) == null) {
            first++;
        }
    }

    /** Takes everything. */
    List<SendCallback> takeAll() {
        List<SendCallback> all = new ArrayList<>();
        take(next - 1, true, all);
        return all;
    }

    /** Completes when everything added before is out. */
    CompletableFuture<Void> confirmed() {
        CompletableFuture<Void> confirmed = new CompletableFuture<>();
        if (first == next) {
            confirmed.complete(null);
        } else {
            waiters.add(new Waiter(next - 1, confirmed));
        }
        return confirmed;
    }

    /** Those who wait for nothing any more. */
    List<CompletableFuture<Void>> reached() {
        List<CompletableFuture<Void>> reached = new ArrayList<>();
        if (!waiters.isEmpty()) {
            waiters.removeIf(waiter -> waiter.upTo() < first && reached.add(waiter.confirmed()));
        }
        return reached;
    }

    private @Nullable SendCallback at(long number) {
        return ring[(int) (number & (ring.length - 1))];
    }
}
