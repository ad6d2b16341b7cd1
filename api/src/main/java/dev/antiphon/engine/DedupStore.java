package dev.antiphon.engine;

import dev.antiphon.Dedup;
import dev.antiphon.Message;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one responder by idempotency key: those being handled, with the duplicates that wait for their answer,
 * and the replies to those that were answered. The oldest replies go first when it is full. Nothing is answered under its
 * lock.
 */
final class DedupStore {

    private static final class Entry {
        final List<FramedRequest> waiting = new ArrayList<>(0);

        @Nullable
        Message reply;

        long since;
    }

    private final Dedup limits;
    private final LongSupplier clock;
    private final LinkedHashMap<String, Entry> running = new LinkedHashMap<>();
    private final LinkedHashMap<String, Entry> answered = new LinkedHashMap<>();
    private long bytes;

    DedupStore(Dedup limits, LongSupplier clock) {
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * A request with a key is about to be handled.
     *
     * @return whether it is to be handled; if not it was answered, or will be
     */
    boolean begin(String key, FramedRequest request) {
        Message reply;
        synchronized (this) {
            expire();
            Entry known = answered.get(key);
            if (known == null) {
                Entry busy = running.get(key);
                if (busy == null) {
                    running.put(key, new Entry());
                    return true;
                }
                busy.waiting.add(request);
                return false;
            }
            reply = known.reply;
        }
        request.answer(reply);
        return false;
    }

    /** The handler's answer is there, or there will be none (null). Returns who waits for the same. */
    synchronized List<FramedRequest> end(String key, @Nullable Message reply) {
        Entry entry = running.remove(key);
        if (entry == null) {
            return List.of();
        }
        if (reply != null && reply.size() <= limits.maxBytes()) {
            entry.reply = reply;
            entry.since = clock.getAsLong();
            bytes += reply.size();
            answered.put(key, entry);
            expire();
        }
        List<FramedRequest> waiting = List.copyOf(entry.waiting);
        entry.waiting.clear();
        return waiting;
    }

    private void expire() {
        long oldest = clock.getAsLong() - limits.timeToLive().toNanos();
        Iterator<Map.Entry<String, Entry>> eldest = answered.entrySet().iterator();
        while (eldest.hasNext()) {
            Entry entry = eldest.next().getValue();
            boolean full = answered.size() > limits.maxEntries() || bytes > limits.maxBytes();
            if (!full && entry.since - oldest > 0) {
                return;
            }
            bytes -= entry.reply == null ? 0 : entry.reply.size();
            eldest.remove();
        }
    }

    /** How many replies are kept. */
    synchronized int size() {
        return answered.size();
    }
}
