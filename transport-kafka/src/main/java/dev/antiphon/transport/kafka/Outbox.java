package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.TransportThreads;
import java.util.concurrent.CompletableFuture;
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
 * here it is told not to wait ({@code max.block.ms=0}), and what goes where it does not know is {@linkplain Unplaced queued}. What has a
 * deadline is {@linkplain HeldBack held back} while its partition takes nothing.
 */
final class Outbox {

    private static final long LOOK_AGAIN_MICROS = 1_500;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Failures failures;
    private final Placement placement;
    private final Lanes lanes;
    private final HeldBack heldBack;
    private final long maxPending;
    private final AtomicLong pending = new AtomicLong();
    private final Unplaced unplaced;

    private volatile Wave wave = new Wave(CompletableFuture.completedFuture(null));
    private volatile boolean closed;

    Outbox(
            KafkaProducer<byte[], byte[]> producer,
            Topics topics,
            TransportThreads threads,
            Failures failures,
            Placement placement,
            long maxPending) {
        this.producer = producer;
        this.failures = failures;
        this.unplaced = new Unplaced(this, topics, threads, failures);
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
        dispatch(new Send(this, enterWave(), record, subject, size, expires, callback));
    }

    private Wave enterWave() {
        Wave current;
        do {
            current = wave;
        } while (!current.enter());
        return current;
    }

    private static AntiphonException unsent(ErrorCode code, String why, String subject) {
        return new AntiphonException(code, why, null, false, subject, null);
    }

    /** Gives a record to the native producer. False if that does not know the place where it goes. */
    boolean handOver(Send send) {
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
        lanes.check(send.topic());
        return false;
    }

    /** As {@link #handOver}, for what has waited. */
    boolean handOverLate(Send send) {
        if (expired(send)) {
            return true;
        }
        send.waited();
        return handOver(send);
    }

    /** What was held back is so no longer. */
    void goOn(Send send) {
        if (!expired(send)) {
            send.waited();
            dispatch(send);
        }
    }

    private void dispatch(Send send) {
        if (!unplaced.isDirect(send) || !handOver(send)) {
            unplaced.add(send);
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

    /** Where it sends to. */
    Lanes lanes() {
        return lanes;
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
        while (lanes.count(topic) == 0) {
            if (System.nanoTime() - giveUp > 0) {
                throw new TimeoutException("the brokers do not tell where the topic " + topic + " is");
            }
            TimeUnit.MICROSECONDS.sleep(LOOK_AGAIN_MICROS);
        }
    }

    /** Completes when all that was sent before has arrived, or failed; fails when the connection is lost before. */
    CompletableFuture<Void> flush() {
        Wave before;
        synchronized (this) {
            before = wave;
            wave = new Wave(before.done());
        }
        before.leave();
        return before.done().thenRun(() -> {
            if (closed) {
                throw failures.disconnected(null);
            }
        });
    }

    /** Sends nothing any more; what waits fails. The native producer is closed after this. */
    void close() {
        closed = true;
        unplaced.close();
        heldBack.close();
    }
}
