package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Rules about what a transport hands over, and on which threads, without the engine: SUB. */
interface HandOverRules extends Conformance {
    @Rule("SUB-21")
    default void stop_ended_everythingSentBeforeHasBeenHandedOver() {
        Transport publisher = transport();
        Transport subscriber = transport();
        for (boolean runsUserCode : new boolean[] {false, true}) {
            String subject = unique("orders");
            SpiCollector collector = new SpiCollector();
            TransportSubscription subscription = Spi.await(
                    subscriber.subscribe(new SubscribeSpec(subject, null, 1000, runsUserCode), collector), timing());

            List<String> bodies = bodies("order", 1000);
            for (String body : bodies) {
                publisher.publish(new OutboundMessage(subject, Message.of(body), 0), new Spi.Sent());
            }
            Spi.await(publisher.flush(timing().signal()), timing());
            Spi.await(subscription.stop(), timing());
            int handedOver = collector.messages().size();
            publisher.publish(new OutboundMessage(subject, Message.of("too late"), 0), new Spi.Sent());
            Spi.await(publisher.flush(timing().signal()), timing());
            Spi.await(subscription.stop(), timing());

            assertThat(handedOver).as("handed over when the stop ended").isEqualTo(1000);
            assertEachOnce(collector.texts(), bodies);
        }
    }

    @Rule("SUB-24")
    default void stop_ofTheOnlyConsumer_handsOverWhatStillWaitsAtTheBroker() {
        Transport publisher = transport();
        Transport subscriber = transport();
        List<String> groups = supports(Capability.QUEUE_GROUP) ? List.of("", "workers") : List.of("");
        for (String group : groups) {
            SubscribeSpec spec = new SubscribeSpec(unique("backlog"), group.isEmpty() ? null : group, 10, true);
            Gate gate = gate();
            SpiCollector collector = new SpiCollector();
            TransportSubscription subscription = Spi.await(
                    subscriber.subscribe(spec, message -> {
                        passQuietly(gate);
                        collector.onMessage(message);
                    }),
                    timing());
            List<String> bodies = bodies("order", 500);
            for (String body : bodies) {
                publisher.publish(new OutboundMessage(spec.subject(), Message.of(body), 0), new Spi.Sent());
            }
            Spi.await(publisher.flush(timing().signal()), timing());

            CompletionStage<Void> stopped = subscription.stop();
            gate.open();
            Spi.await(stopped, timing());

            if (!group.isEmpty() && collector.messages().size() < bodies.size()) {
                Spi.await(subscriber.subscribe(spec, collector), timing());
                eventually(
                        "the next member gets the rest",
                        () -> assertThat(collector.messages()).hasSize(bodies.size()));
            }
            if (group.isEmpty()) {
                assertThat(collector.texts()).as("handed over in order").isEqualTo(bodies);
            } else { // what was on the way to the member that left may come later
                assertThat(collector.texts()).containsExactlyInAnyOrderElementsOf(bodies);
            }
        }
    }

    @Rule("SUB-22")
    default void handler_thatRunsUserCode_isCalledSeriallyAndAwayFromThePublisher() throws Exception {
        Transport transport = transport();
        String blocked = unique("orders");
        String free = unique("orders");
        Gate gate = gate();
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        AtomicInteger running = new AtomicInteger();
        List<Integer> overlaps = new CopyOnWriteArrayList<>();
        SpiCollector collector = new SpiCollector();
        Spi.await(
                transport.subscribe(new SubscribeSpec(blocked, null, 100, true), message -> {
                    threads.add(Thread.currentThread());
                    overlaps.add(running.incrementAndGet());
                    passQuietly(gate);
                    running.decrementAndGet();
                    collector.onMessage(message);
                }),
                timing());
        SpiCollector others = new SpiCollector();
        Spi.await(transport.subscribe(new SubscribeSpec(free, null, 100, true), others), timing());

        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            publishers.add(publishing(transport, blocked, free));
        }
        for (Thread publisher : publishers) {
            publisher.join(timing().signal().toMillis());
            assertThat(publisher.isAlive())
                    .as("a publisher is held up by a handler")
                    .isFalse();
        }
        eventually(
                "other subscriptions go on", () -> assertThat(others.messages()).hasSize(100));
        gate.open();
        eventually("all are handled", () -> assertThat(collector.messages()).hasSize(100));

        assertThat(overlaps).as("handlers running at a time").containsOnly(1);
        assertThat(threads).doesNotContainAnyElementsOf(publishers);
    }

    private static Thread publishing(Transport transport, String... subjects) {
        Thread thread = new Thread(() -> {
            for (int i = 0; i < 25; i++) {
                for (String subject : subjects) {
                    transport.publish(new OutboundMessage(subject, Message.of("order"), 0), new Spi.Sent());
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void passQuietly(Gate gate) {
        try {
            gate.pass();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
