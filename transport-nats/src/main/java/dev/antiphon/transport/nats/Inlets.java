package dev.antiphon.transport.nats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions by the number that the server knows them by. Numbers are used again, but only once the server
 * can not send anything for the old holder any more. The reader looks up without a lock.
 */
final class Inlets {

    private volatile @Nullable SubscribedInlet[] table = new SubscribedInlet[8];

    /** The holder of a number, or null. */
    @Nullable
    SubscribedInlet get(int number) {
        @Nullable SubscribedInlet[] current = table;
        return number >= 0 && number < current.length ? current[number] : null;
    }

    /** Gives a new subscription its number. */
    synchronized int add(SubscribedInlet inlet) {
        @Nullable SubscribedInlet[] next = table;
        int number = 0;
        while (number < next.length && next[number] != null) {
            number++;
        }
        next = Arrays.copyOf(next, number < next.length ? next.length : 2 * next.length);
        next[number] = inlet;
        table = next;
        return number;
    }

    /** Takes a subscription off, if it holds this number. */
    synchronized void remove(int number, SubscribedInlet inlet) {
        if (get(number) == inlet) {
            @Nullable SubscribedInlet[] next = table.clone();
            next[number] = null;
            table = next;
        }
    }

    /** All there are, in the order of their numbers. */
    List<SubscribedInlet> all() {
        List<SubscribedInlet> all = new ArrayList<>();
        for (SubscribedInlet inlet : table) {
            if (inlet != null) {
                all.add(inlet);
            }
        }
        return all;
    }

    /** Takes all off. */
    synchronized List<SubscribedInlet> clear() {
        List<SubscribedInlet> all = all();
        table = new SubscribedInlet[8];
        return all;
    }
}
