package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.TransportThreads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Sends, without ever holding up a caller. The native producer waits, on the caller's thread, until it knows the partitions of a topic;
 * here it is told not to wait ({@code max.block.ms=0}), and records for a topic that it does not know yet wait in a queue of their own
 * until the topic exists and is known. Everything for that topic goes through the queue meanwhile, so that the order is kept. What has a
 * deadline is {@linkplain HeldBack held back} while its partition takes nothing.
 */
final class Outbox {

    private static final long LOOK_AGAIN_MICROS = 1_500;
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final KafkaProducer<byte[], byte[]> producer;
    private final Topics topics;
    private final TransportThreads threads;
    private final Failures failures;
    private final Placement placement;
    private final Lanes lanes;
    private final HeldBack heldBack;
    private final long maxPending;
    private final AtomicLong pending = new AtomicLong();
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    /** What waits, by topic. Its lock orders it. */
    private final Map<String, Deque<Send>> unknown = new HashMap<>();

    private volatile boolean closed;

    Outbox(
            KafkaProducer<byte[], byte[]> producer,
            Topics topics,
            TransportThreads threads,
            Failures failures,
            Placement placement,
            long maxPending) {
        this.producer = producer;
        this.topics = topics;
        this.threads = threads;
        this.failures = failures;
        this.placement = placement;
        this.lanes = new Lanes(producer);
        this.heldBack = new HeldBack(this, threads);
        this.maxPending = maxPending;
    }

    boolean isClosed() {
        return closed;
    }

    KafkaProducer<byte[], byte[]> producer() {
        return producer;
    }

    /**
     * Makes one attempt to send.
     *
     * @param expires when it is of no use any more, or null
     */
    void send(ProducerRecord<byte[], byte[]> record, String subject, @Nullable Long expires, SendCallback callback) {
        long size = RecordSize.of(record);
        if (size > RecordSize.MAX_BATCH || record.value().length > RecordSize.MAX_BODY) {
            callback.onFailed(unsent(
                    ErrorCode.TOO_LARGE,
                    "the body has " + record.value().length + " bytes, with headers " + size + "; up to "
                            + RecordSize.MAX_BODY + " and " + RecordSize.MAX_BATCH + " are allowed",
                    subject));
            return;
        }
        if (pending.addAndGet(size) > maxPending) {
            pending.addAndGet(-size);
            callback.onFailed(unsent(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    maxPending + " bytes wait to be sent; the broker does not keep up",
                    subject));
            return;
        }
        dispatch(new Send(this, record, subject, size, expires, callback));
    }

    private static AntiphonException unsent(ErrorCode code, String why, String subject) {
        return new AntiphonException(code, why, null, false, subject, null);
    }

    /** Gives a record to the native producer. False if that does not know the topic. */
    private boolean handOver(Send send) {
        if (closed) {
            refuse(send);
            return true;
        }
        try {
            ProducerRecord<byte[], byte[]> placed = placement.placed(send.record(), send.subject(), lanes);
            Lane lane = lanes.of(placed);
            if (lane != null && send.hasDeadline() && lane.isStuck()) {
                heldBack.add(lane, send);
                return true;
            }
            if (send.hand(producer, placed, lane)) {
                return true;
            }
        } catch (TimeoutException unknown) {
            // so it is not known
        } catch (IllegalStateException | KafkaException refused) {
            send.fail(failed(send, refused, false));
            return true;
        }
        known.remove(send.topic());
        lanes.forget(send.topic());
        return false;
    }

    /** What was held back is so no longer. */
    void goOn(Send send) {
        if (!expired(send)) {
            send.waited();
            dispatch(send);
        }
    }

    private void dispatch(Send send) {
        if (!known.contains(send.topic()) || !handOver(send)) {
            await(send);
        }
    }

    void refuse(Send send) {
        send.fail(failures.disconnected(send.subject()));
    }

    /** The transport has nothing to do with it any more. */
    void rid(Send send) {
        pending.addAndGet(-send.size());
    }

    /** Fails what has waited for too long. */
    private boolean expired(Send send) {
        boolean expired = send.isOver();
        if (expired) {
            send.fail(failures.tooLate(send.subject()));
        }
        return expired;
    }

    /** Why it failed, and whether the brokers may have it nevertheless. */
    AntiphonException failed(Send send, Exception why, boolean mayBeSent) {
        if (closed) {
            return mayBeSent ? failures.lost(why) : failures.disconnected(send.subject());
        }
        return NativeFailure.of("sending", why, mayBeSent, send.subject());
    }

    // -- Topics that the producer does not know yet --

    private void await(Send send) {
        String topic = send.topic();
        boolean first;
        synchronized (unknown) {
            if (known.contains(topic) && handOver(send)) {
                return; // it became known just now
            }
            first = !unknown.containsKey(topic);
            unknown.computeIfAbsent(topic, name -> new ArrayDeque<>()).add(send);
        }
        if (first && topics.haveExisted(topic)) {
            look(topic, System.nanoTime() + SOON_NANOS, () -> ensure(topic));
        } else if (first) {
            ensure(topic);
        }
    }

    /** Has the topic made, if there is none. */
    private void ensure(String topic) {
        if (!closed) {
            CompletableFuture<Void> unused = topics.ensure(topic).whenComplete((exists, failure) -> {
                if (failure == null) {
                    look(topic);
                } else {
                    failAll(topic, failure);
                }
            });
        } else {
            failAll(topic, failures.disconnected(null));
        }
    }

    private void look(String topic) {
        look(
                topic,
                System.nanoTime() + GIVE_UP_NANOS,
                () -> failAll(topic, new TimeoutException("the brokers do not tell where the topic " + topic + " is")));
    }

    /** Looks whether the producer knows the topic, again and again; asking makes it ask the broker. */
    private void look(String topic, long giveUp, Runnable unknownStill) {
        if (closed) {
            failAll(topic, failures.disconnected(null));
        } else if (isKnown(topic)) {
            handOverAll(topic);
        } else if (System.nanoTime() - giveUp > 0) {
            unknownStill.run();
        } else if (!threads.later(() -> look(topic, giveUp, unknownStill), LOOK_AGAIN_MICROS, TimeUnit.MICROSECONDS)) {
            failAll(topic, failures.disconnected(null));
        }
    }

    private boolean isKnown(String topic) {
        try {
            return !producer.partitionsFor(topic).isEmpty();
        } catch (TimeoutException notYet) {
            return false;
        } catch (IllegalStateException | KafkaException broken) {
            return true; // sending will tell
        }
    }

    private boolean handOverLate(Send send) {
        send.waited();
        return handOver(send);
    }

    private void handOverAll(String topic) {
        synchronized (unknown) {
            Deque<Send> queue = unknown.get(topic);
            boolean all = true;
            while (queue != null && all && !queue.isEmpty()) {
                all = expired(queue.element()) || handOverLate(queue.element());
                if (all) {
                    queue.remove();
                }
            }
            if (all) {
                known.add(topic);
                unknown.remove(topic);
                return;
            }
        }
        look(topic);
    }

    private void failAll(String topic, Throwable why) {
        Deque<Send> queue;
        synchronized (unknown) {
            queue = unknown.remove(topic);
        }
        if (queue != null) {
            queue.forEach(send -> send.fail(NativeFailure.of("sending to " + topic, why, false, send.subject())));
        }
    }

    // -- The transport's own --

    /** Sends to a topic of the transport. */
    CompletableFuture<RecordMetadata> internal(ProducerRecord<byte[], byte[]> record) {
        CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
        try {
            Future<RecordMetadata> unused = producer.send(record, (metadata, failure) -> {
                if (failure == null) {
                    sent.complete(metadata);
                } else {
                    sent.completeExceptionally(failure);
                }
            });
        } catch (IllegalStateException | KafkaException refused) {
            sent.completeExceptionally(refused);
        }
        return sent;
    }

    /** Completes when the producer knows a topic that exists. */
    void awaitKnown(String topic, long limitMillis) throws InterruptedException {
        long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
        while (!isKnown(topic)) {
            if (System.nanoTime() - giveUp > 0) {
                throw new TimeoutException("the brokers do not tell where the topic " + topic + " is");
            }
            TimeUnit.MICROSECONDS.sleep(LOOK_AGAIN_MICROS);
        }
    }

    /** Whether the native producer does not have everything yet. */
    boolean hasWaiting() {
        synchronized (unknown) {
            return !unknown.isEmpty() || !heldBack.isEmpty();
        }
    }

    /** Sends nothing any more; what waits fails. The native producer is closed after this. */
    void close() {
        closed = true;
        List<String> waiting;
        synchronized (unknown) {
            waiting = List.copyOf(unknown.keySet());
        }
        waiting.forEach(topic -> failAll(topic, failures.disconnected(null)));
        heldBack.takeAll().forEach(this::refuse);
    }
}
