package dev.antiphon.transport.kafka;

import dev.antiphon.spi.TransportThreads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * What goes to a topic that the native producer does not know yet, or to a partition of one that it does not know to have it. It waits
 * in a queue until it does; everything for there goes through the queue meanwhile, so that the order is kept.
 */
final class Unplaced {

    private static final long LOOK_AGAIN_MICROS = 1_500;
    private static final long ASK_AGAIN_MICROS = 50_000;
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Partitions that were added are known to all brokers in less; who names one that does not exist is told after it. */
    private static final long NO_PARTITION_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final int AT_A_TIME = 64;

    /** What waits for one topic, or for one partition. */
    private static final class Queue {
        final String topic;
        /** Null for the topic. */
        final @Nullable Integer partition;

        final Deque<Send> sends = new ArrayDeque<>();
        /** It is not in the map any more. */
        volatile boolean over;

        Queue(String topic, @Nullable Integer partition) {
            this.topic = topic;
            this.partition = partition;
        }
    }

    private final Outbox outbox;
    private final Topics topics;
    private final TransportThreads threads;
    private final Failures failures;
    /** Topics that the producer knows. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    /** For all queues: those who are told of a failure may send to other places. */
    private final Object lock = new Object();

    private final Map<String, Queue> byTopic = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Queue> byPartition = new ConcurrentHashMap<>();

    Unplaced(Outbox outbox, Topics topics, TransportThreads threads, Failures failures) {
        this.outbox = outbox;
        this.topics = topics;
        this.threads = threads;
        this.failures = failures;
    }

    /** Whether there is no queue where it goes. */
    boolean isDirect(Send send) {
        return known.contains(send.topic()) && (byPartition.isEmpty() || !byPartition.containsKey(partitionOf(send)));
    }

    private static TopicPartition partitionOf(Send send) {
        Integer partition = send.record().partition();
        return new TopicPartition(send.topic(), partition == null ? -1 : partition);
    }

    /** Gives it to the producer in its turn. */
    void add(Send send) {
        Queue begun = null;
        synchronized (lock) {
            if (!isDirect(send) || !outbox.handOver(send)) { // or it became known just now
                begun = enqueue(send, known.contains(send.topic()) && lacksItsPartition(send));
            }
        }
        if (begun != null) {
            begin(begun);
        }
    }

    /** Whether what the producer does not know is not the topic, but the partition. */
    private boolean lacksItsPartition(Send send) {
        return send.record().partition() != null && outbox.lanes().count(send.topic()) > 0;
    }

    /** Puts it into its queue, with the lock held. The result is the queue if it is new. */
    private @Nullable Queue enqueue(Send send, boolean ofItsPartition) {
        Queue queue;
        if (ofItsPartition) {
            queue = byPartition.computeIfAbsent(
                    partitionOf(send), place -> new Queue(place.topic(), place.partition()));
        } else {
            known.remove(send.topic());
            queue = byTopic.computeIfAbsent(send.topic(), topic -> new Queue(topic, null));
        }
        queue.sends.add(send);
        return queue.sends.size() == 1 ? queue : null;
    }

    private void begin(Queue queue) {
        long now = System.nanoTime();
        if (queue.partition != null) {
            look(queue, now + NO_PARTITION_NANOS, () -> failAll(queue, noPartition(queue)));
        } else if (topics.haveExisted(queue.topic)) {
            look(queue, now + SOON_NANOS, () -> ensure(queue));
        } else {
            ensure(queue);
        }
    }

    private static UnknownTopicOrPartitionException noPartition(Queue queue) {
        return new UnknownTopicOrPartitionException(
                "the topic " + queue.topic + " has no partition " + queue.partition);
    }

    /** Has the topic made, if there is none. */
    private void ensure(Queue queue) {
        if (outbox.isClosed()) {
            failAll(queue, failures.disconnected(null));
            return;
        }
        CompletableFuture<Void> unused = topics.ensure(queue.topic).whenComplete((exists, failure) -> {
            if (failure == null) {
                look(
                        queue,
                        System.nanoTime() + GIVE_UP_NANOS,
                        () -> failAll(
                                queue,
                                new TimeoutException(
                                        "the brokers do not tell where the topic " + queue.topic + " is")));
            } else {
                failAll(queue, failure);
            }
        });
    }

    /** Looks whether the producer knows the place, again and again; asking makes it ask the broker. */
    private void look(Queue queue, long giveUp, Runnable unknownStill) {
        if (outbox.isClosed()) {
            failAll(queue, failures.disconnected(null));
        } else if (outbox.lanes().count(queue.topic) > 0 && handOverAll(queue)) {
            return;
        } else if (System.nanoTime() - giveUp > 0) {
            unknownStill.run();
        } else if (!threads.later(
                () -> look(queue, giveUp, unknownStill),
                queue.partition == null ? LOOK_AGAIN_MICROS : ASK_AGAIN_MICROS,
                TimeUnit.MICROSECONDS)) {
            failAll(queue, failures.disconnected(null));
        }
    }

    /** A few at a time, so that nobody waits for long for the lock. False if the producer does not know the place after all. */
    private boolean handOverAll(Queue queue) {
        while (!queue.over) {
            List<Queue> begun = new ArrayList<>();
            synchronized (lock) {
                for (int i = 0; i < AT_A_TIME && !queue.sends.isEmpty(); i++) {
                    Send send = queue.sends.element();
                    boolean behindOthers = queue.partition == null && byPartition.containsKey(partitionOf(send));
                    if (behindOthers || !outbox.handOverLate(send)) {
                        if (queue.partition != null || !lacksItsPartition(send)) {
                            return false;
                        }
                        Queue other = enqueue(send, true);
                        if (other != null) {
                            begun.add(other);
                        }
                    }
                    queue.sends.remove();
                }
                if (queue.sends.isEmpty()) {
                    known.add(queue.topic);
                    end(queue);
                }
            }
            begun.forEach(this::begin);
        }
        return true;
    }

    /** With the lock held. */
    private void end(Queue queue) {
        queue.over = true;
        if (queue.partition == null) {
            byTopic.remove(queue.topic, queue);
        } else {
            byPartition.remove(new TopicPartition(queue.topic, queue.partition), queue);
        }
    }

    private void failAll(Queue queue, Throwable why) {
        List<Send> failed;
        synchronized (lock) {
            failed = List.copyOf(queue.sends);
            queue.sends.clear();
            end(queue);
        }
        failed.forEach(send -> send.fail(NativeFailure.of("sending to " + queue.topic, why, false, send.subject())));
    }

    /** What waits fails. */
    void close() {
        List<Queue> all = new ArrayList<>(byTopic.values());
        all.addAll(byPartition.values());
        all.forEach(queue -> failAll(queue, failures.disconnected(null)));
    }
}
