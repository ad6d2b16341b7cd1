package dev.antiphon.engine;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one responder whose handler was called and that are not answered: those that are owed an answer when
 * the messenger closes. Entering and leaving cost one compare-and-set and one store, and allocate nothing, because every
 * request does it.
 */
final class Running {

    private static final int MAX_SLOTS = 1 << 12;
    private static final int PROBES = 8;
    /** Neighbours share cache lines, and what comes together begins far from each other. */
    private static final int SPREAD = 0x9E3779B9;

    private final AtomicReferenceArray<@Nullable InboundRequest> slots;
    private final int shift;
    private final Set<InboundRequest> others = ConcurrentHashMap.newKeySet();

    /** For about so many requests at a time; more are allowed, and cost more. */
    Running(int concurrency) {
        int size = Integer.highestOneBit(Math.max(8, Math.min(concurrency, MAX_SLOTS / 2)) * 2);
        slots = new AtomicReferenceArray<>(size);
        shift = Integer.numberOfLeadingZeros(size) + 1;
    }

    /** Enters a request; returns what {@link #leave} is to be told. */
    int enter(InboundRequest request) {
        int mask = slots.length() - 1;
        // Not by the thread alone: one enters many before the first of them leaves, where sending an answer takes its
        // time.
        int start = ((int) (Thread.currentThread().getId() + request.deadline()) * SPREAD) >>> shift;
        for (int i = 0; i < PROBES; i++) {
            int slot = (start + i) & mask;
            if (slots.get(slot) == null && slots.compareAndSet(slot, null, request)) {
                return slot;
            }
        }
        others.add(request);
        return -1;
    }

    /** Puts another object for the same request in its place. */
    void replace(int slot, InboundRequest request, InboundRequest substitute) {
        if (slot >= 0) {
            slots.set(slot, substitute);
        } else if (others.remove(request)) {
            others.add(substitute);
        }
    }

    void leave(int slot, InboundRequest request) {
        if (slot >= 0) {
            slots.setRelease(slot, null);
        } else if (!others.remove(request)) {
            others.removeIf(other -> other.standsFor(request));
        }
    }

    void forEach(Consumer<InboundRequest> action) {
        for (int i = 0; i < slots.length(); i++) {
            InboundRequest request = slots.get(i);
            if (request != null) {
                action.accept(request);
            }
        }
        others.forEach(action);
    }
}
