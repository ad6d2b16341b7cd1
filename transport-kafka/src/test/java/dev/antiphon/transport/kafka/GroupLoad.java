package dev.antiphon.transport.kafka;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A steady flow of numbered messages, and when each was handled first. */
final class GroupLoad implements AutoCloseable {
    private static final int PAUSE_MILLIS = 4;

    private final Map<Integer, Long> sent = new ConcurrentHashMap<>();
    private final Map<Integer, Long> handled = new ConcurrentHashMap<>();
    private final AtomicInteger times = new AtomicInteger();
    private final AtomicInteger next = new AtomicInteger();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    void start(Messenger publisher, String subject) {
        clock.scheduleAtFixedRate(
                () -> {
                    int number = next.getAndIncrement();
                    sent.put(number, System.nanoTime());
                    publisher.publish(subject, Message.of(Integer.toString(number)));
                },
                0,
                PAUSE_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    void handled(String text) {
        times.incrementAndGet();
        handled.putIfAbsent(Integer.parseInt(text), System.nanoTime());
    }

    /** Waits until so many more have been sent, and returns how many that makes. */
    int pass(int count) {
        int goal = next.get() + count;
        Awaitility.await("the load goes on").atMost(Duration.ofMinutes(1)).until(() -> next.get() >= goal);
        return goal;
    }

    /** Sends no more, and waits until all are handled. */
    void finish() {
        clock.shutdown();
        Awaitility.await("everything is handled")
                .atMost(Duration.ofSeconds(60))
                .until(() -> missing().isEmpty());
    }

    private List<Integer> missing() {
        List<Integer> missing = new ArrayList<>(sent.keySet());
        missing.removeAll(handled.keySet());
        return missing;
    }

    /** The longest time from sending to handling, of those sent between these numbers. */
    Duration longest(int from, int to) {
        long longest = 0;
        for (int number = from; number < to; number++) {
            longest = Math.max(longest, handled.get(number) - sent.get(number));
        }
        return Duration.ofNanos(longest);
    }

    int sent() {
        return next.get();
    }

    int duplicates() {
        return times.get() - handled.size();
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
