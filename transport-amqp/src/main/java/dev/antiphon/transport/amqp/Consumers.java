package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether somebody consumes from a plain queue. The broker takes messages for a queue without consumers in silence, so
 * it is asked before the first request to a queue and again after a second. That somebody was there is believed for that
 * long; that nobody was there is not believed at all, and every request asks again, together with those that came
 * meanwhile.
 */
final class Consumers {

    private static final long BELIEVED_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_QUEUES = 4096;

    private final AmqpLink link;
    private final Map<String, Queue> queues = new ConcurrentHashMap<>();

    /** What is known about one queue. */
    private static final class Queue {
        private volatile long servedUntil = System.nanoTime();
        private boolean asking;
        private List<Consumer<Boolean>> waiting = new ArrayList<>();
    }

    Consumers(AmqpLink link) {
        this.link = link;
    }

    /** Calls back with whether there is a consumer; at once if that is known. */
    void whenServed(String name, Consumer<Boolean> callback) {
        Queue queue = queues.get(name);
        if (queue != null && queue.servedUntil - System.nanoTime() > 0) {
            callback.accept(true);
            return;
        }
        if (queue == null) {
            if (queues.size() >= MAX_QUEUES) {
                queues.clear();
            }
            queue = queues.computeIfAbsent(name, ignored -> new Queue());
        }
        Queue asked = queue;
        synchronized (asked) {
            asked.waiting.add(callback);
            if (asked.asking) {
                return;
            }
            asked.asking = true;
        }
        link.admin(() -> ask(name, asked), () -> answer(asked, true));
    }

    private void ask(String name, Queue queue) {
        List<Consumer<Boolean>> askers;
        synchronized (queue) {
            askers = queue.waiting;
            queue.waiting = new ArrayList<>();
        }
        boolean served = isServed(name, link.open());
        if (served) {
            queue.servedUntil = System.nanoTime() + BELIEVED_NANOS;
        }
        askers.forEach(asker -> asker.accept(served));
        synchronized (queue) {
            queue.asking = !queue.waiting.isEmpty();
            if (!queue.asking) {
                return;
            }
        }
        link.admin(() -> ask(name, queue), () -> answer(queue, true));
    }

    /** When it can not be known the request is sent, or fails, like any other. */
    private static void answer(Queue queue, boolean served) {
        List<Consumer<Boolean>> askers;
        synchronized (queue) {
            askers = queue.waiting;
            queue.waiting = new ArrayList<>();
            queue.asking = false;
        }
        askers.forEach(asker -> asker.accept(served));
    }

    private static boolean isServed(String name, @Nullable Session session) {
        if (session == null) {
            return true;
        }
        try {
            Lane lane = session.openLane();
            boolean served = lane.channel.queueDeclarePassive(name).getConsumerCount() > 0;
            lane.channel.abort();
            return served;
        } catch (IOException | AlreadyClosedException e) {
            return !BrokerErrors.is(AMQP.NOT_FOUND, e);
        }
    }
}
