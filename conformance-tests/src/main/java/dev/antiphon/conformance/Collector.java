package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Delivery;
import dev.antiphon.Message;
import dev.antiphon.MessageHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** A subscriber that keeps what it gets. Fence messages ({@link Harness#fence}) are noticed and kept apart. Any thread. */
final class Collector implements MessageHandler {
    private static final String FENCE = "#fence-";

    private final Timing timing;
    private final List<Delivery> deliveries = new ArrayList<>();
    private final Set<String> fences = ConcurrentHashMap.newKeySet();

    Collector(Timing timing) {
        this.timing = timing;
    }

    static Message fence(long number) {
        return Message.of(FENCE + number);
    }

    @Override
    public void handle(Delivery delivery) {
        String text = delivery.text();
        if (text.startsWith(FENCE)) {
            fences.add(text);
            return;
        }
        synchronized (deliveries) {
            deliveries.add(delivery);
        }
    }

    /** Everything so far, in order. */
    List<Delivery> deliveries() {
        synchronized (deliveries) {
            return List.copyOf(deliveries);
        }
    }

    /** The bodies so far, in order, as text. */
    List<String> texts() {
        return deliveries().stream().map(Delivery::text).toList();
    }

    int count() {
        synchronized (deliveries) {
            return deliveries.size();
        }
    }

    /** Waits until at least that many have come. */
    List<Delivery> await(int atLeast) {
        poll("messages at the subscriber")
                .untilAsserted(() -> assertThat(count())
                        .as("messages received; the last is %s", last())
                        .isGreaterThanOrEqualTo(atLeast));
        return deliveries();
    }

    /** Waits for a fence message: whatever one publisher sent before it, over the same way, has come or never will. */
    void awaitFence(Message fence) {
        poll("fence message")
                .untilAsserted(() -> assertThat(fences)
                        .as("the fence message after %s messages, of which the last is %s", count(), last())
                        .contains(fence.text()));
    }

    private String last() {
        List<Delivery> all = deliveries();
        return all.isEmpty() ? "none" : all.get(all.size() - 1).toString();
    }

    private ConditionFactory poll(String what) {
        return Awaitility.await(what)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(timing.signal());
    }
}
