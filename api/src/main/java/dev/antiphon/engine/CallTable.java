package dev.antiphon.engine;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The correlation table: calls in flight by correlation id. Lock-free, and allocates nothing after its creation.
 *
 * <p>An id's low bits are its slot. Ids are spread evenly (they are encrypted), so a slot that is taken is rare, and is
 * answered by drawing another id, not by probing: a look-up reads one slot. The table has twice as many slots as there
 * can be calls in flight, which bounds the expected number of draws by two.
 */
final class CallTable {

    private final AtomicReferenceArray<@Nullable PendingCall> slots;
    private final int mask;

    CallTable(int maxInFlight) {
        int size = Integer.highestOneBit(Math.max(16, maxInFlight) * 2 - 1) * 2;
        slots = new AtomicReferenceArray<>(size);
        mask = size - 1;
    }

    /** Gives the call an id of {@code ids} and enters it. */
    void insert(PendingCall call, LongSupplier ids) {
        long id;
        do {
            id = ids.getAsLong();
            call.assignId(id); // before the compare-and-set publishes the call
        } while (!slots.compareAndSet((int) id & mask, null, call));
    }

    /** The call in flight with this id, or null. */
    @Nullable
    PendingCall find(long id) {
        PendingCall call = slots.get((int) id & mask);
        return call != null && call.correlationId() == id ? call : null;
    }

    /** Removes the call. A call that is not there any more is left alone. */
    void remove(PendingCall call) {
        slots.compareAndSet((int) call.correlationId() & mask, call, null);
    }

    /** Visits every call that was there all the time; those that come or go meanwhile may or may not be visited. */
    void forEach(Consumer<PendingCall> action) {
        for (int i = 0; i <= mask; i++) {
            PendingCall call = slots.get(i);
            if (call != null) {
                action.accept(call);
            }
        }
    }

    /** How many calls there are, by counting. */
    int size() {
        int[] count = new int[1];
        forEach(call -> count[0]++);
        return count[0];
    }
}
