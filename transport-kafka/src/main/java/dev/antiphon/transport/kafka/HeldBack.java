package dev.antiphon.transport.kafka;

import dev.antiphon.spi.TransportThreads;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What has a deadline and a partition that takes nothing just now. The native producer would send it as soon as the partition has a leader
 * again, however late, and can not be told to forget it; so it gets it only when it gets rid of records again.
 */
final class HeldBack {

    private static final long LOOK_AGAIN_MILLIS = 20;

    private final Outbox outbox;
    private final TransportThreads threads;
    /** Its lock guards it. */
    private final Map<Lane, List<Send>> waiting = new HashMap<>();

    HeldBack(Outbox outbox, TransportThreads threads) {
        this.outbox = outbox;
        this.threads = threads;
    }

    void add(Lane lane, Send send) {
        boolean first;
        synchronized (waiting) {
            first = waiting.isEmpty();
            waiting.computeIfAbsent(lane, any -> new ArrayList<>()).add(send);
        }
        if (outbox.isClosed()) {
            close();
        } else if (first) {
            lookLater();
        }
    }

    /** All that is held back fails. */
    void close() {
        takeAll().forEach(outbox::refuse);
    }

    private List<Send> takeAll() {
        synchronized (waiting) {
            List<Send> all = waiting.values().stream().flatMap(List::stream).toList();
            waiting.clear();
            return all;
        }
    }

    private void lookLater() {
        if (!threads.later(this::look, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
            close();
        }
    }

    private void look() {
        List<Send> ready = new ArrayList<>();
        boolean more;
        synchronized (waiting) {
            waiting.forEach((lane, sends) -> {
                boolean moves = !lane.isStuck();
                boolean others =
                        outbox.lanes().anyMoves(sends.get(0).topic()); // which do for what need not go to this one
                sends.removeIf(send -> (moves || send.isOver() || (others && send.goesAnywhere())) && ready.add(send));
            });
            waiting.values().removeIf(List::isEmpty);
            more = !waiting.isEmpty();
        }
        ready.forEach(outbox::goOn);
        if (more) {
            lookLater();
        }
    }
}
