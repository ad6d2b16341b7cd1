package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.InboundMessage.Settlement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.errors.WakeupException;

/**
 * One native consumer of a share group, and its thread. It gives out a batch, and the next one only when every record of it is
 * acknowledged; so the batch is handed over, and then its settlements are waited for. A record whose handler takes long is renewed, so
 * that the broker does not give it to another member.
 */
final class ShareLoop {

    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Duration LAST_LOOK = Duration.ofMillis(400);
    private static final Duration GOODBYE = Duration.ofMillis(500);
    private static final Duration RENEWAL = Duration.ofMillis(50);
    private static final long RENEWAL_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** For how long handlers may keep a batch before the member needs more than this consumer. */
    private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long BUSY_FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** How many records it takes at a time: of many at once, other members shall have some, too. */
    static final int BATCH = 64;

    private static final int DEFAULT_LOCK_MILLIS = 30_000;

    private record Settled(ConsumerRecord<byte[], byte[]> record, AcknowledgeType type) {}

    private final Membership<KafkaShareConsumer<byte[], byte[]>> membership;
    private final String clientId;
    private final GroupReader.Receiver receiver;
    private final ShareLanes lanes;
    private final Consumer<AntiphonException> onError;
    private final Thread thread;
    private final ConcurrentLinkedQueue<Settled> settled = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> turnedAway = new CompletableFuture<>();
    private volatile KafkaShareConsumer<byte[], byte[]> consumer;
    private volatile Set<String> topics = Set.of();
    private volatile boolean stopping;
    private volatile boolean emptying;
    private volatile boolean refused;
    private volatile boolean joinsAgain;
    private volatile boolean closing;
    private volatile boolean lost;
    private volatile boolean busy;

    private final Set<ConsumerRecord<byte[], byte[]>> unsettled = new HashSet<>();
    private Set<String> subscribed = Set.of();
    private long renewAt;
    private long busyAt;
    private long lastRecordAt = System.nanoTime();

    /**
     * Does not start yet.
     *
     * @param opener makes native consumers of that client id
     * @param lanes where it is one of several
     */
    ShareLoop(
            Supplier<KafkaShareConsumer<byte[], byte[]>> opener,
            String clientId,
            GroupReader.Receiver receiver,
            ShareLanes lanes,
            String threadName,
            Consumer<AntiphonException> onError) {
        this.membership = new Membership<>(opener);
        this.consumer = opener.get();
        this.clientId = clientId;
        this.receiver = receiver;
        this.lanes = lanes;
        this.onError = onError;
        this.thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    String clientId() {
        return clientId;
    }

    /** Whether handlers have kept a batch for long. */
    boolean isBusy() {
        return busy;
    }

    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** Reads these topics from now on. */
    void read(Set<String> newTopics) {
        topics = newTopics;
        consumer.wakeup();
    }

    /** Becomes a member anew, unless it is about to end. */
    void joinAgain() {
        joinsAgain = true;
        consumer.wakeup();
    }

    /**
     * Takes no more than it has; settlements still work.
     *
     * @param toTheEnd whether it first takes what there is, because nobody else will
     */
    CompletableFuture<Void> stop(boolean toTheEnd) {
        emptying = toTheEnd;
        stopping = true;
        consumer.wakeup();
        LockSupport.unpark(thread);
        return drained;
    }

    /** Gives back what is not settled, and leaves the group. */
    CompletableFuture<Void> close() {
        closing = true;
        consumer.wakeup();
        LockSupport.unpark(thread);
        return ended;
    }

    /** The connection is gone: settlements have nowhere to go. */
    void lost() {
        lost = true;
        CompletableFuture<Void> unused = close();
    }

    CompletableFuture<Void> ended() {
        return ended;
    }

    /** Fails when the group does not take this member. */
    CompletableFuture<Void> turnedAway() {
        return turnedAway;
    }

    // -- The thread --

    private void run() {
        try {
            while (!closing && !(stopping && drained.isDone() && unsettled.isEmpty())) {
                settle();
                if (unsettled.isEmpty()) {
                    next();
                } else {
                    await();
                }
            }
            settle();
            unsettled.forEach(record -> acknowledge(record, AcknowledgeType.RELEASE));
        } finally {
            drained.complete(null);
            close(lost ? Duration.ZERO : GOODBYE);
            ended.complete(null);
        }
    }

    private void next() {
        busy = false;
        if (stopping && (!emptying || refused)) {
            drained.complete(null);
            return;
        }
        Set<String> wanted = topics;
        long now = System.nanoTime();
        if (wanted.isEmpty() || !membership.isDue(now)) {
            drainedIfStopping();
            LockSupport.parkNanos(this, PARK_NANOS);
            return;
        }
        boolean last = stopping; // read before the poll: what was there when the stop began is seen by it
        try {
            consumer = membership.renewed(consumer, now);
            if ((joinsAgain && !last) || !wanted.equals(subscribed)) {
                joinsAgain = false;
                subscribe(wanted);
            }
            var records = consumer.poll(last ? LAST_LOOK : PATIENCE);
            if (!records.isEmpty()) {
                take(records);
            } else if (last) {
                drained.complete(null);
            } else if (System.nanoTime() - lastRecordAt > IDLE_NANOS && lanes.idle(this)) {
                closing = true;
            }
        } catch (WakeupException asked) {
            // something has changed
        } catch (RuntimeException failure) {
            failed(failure);
        }
    }

    /** The group hears of other topics by the next heartbeat, seconds later; but of a member that joins, at once. */
    private void subscribe(Set<String> wanted) {
        if (!subscribed.isEmpty()) {
            consumer.commitSync();
            consumer.unsubscribe();
            subscribed = Set.of();
        }
        consumer.subscribe(wanted);
        subscribed = wanted;
    }

    private void drainedIfStopping() {
        if (stopping) {
            drained.complete(null);
        }
    }

    private void failed(RuntimeException failure) {
        if (!closing) {
            onError.accept(NativeFailure.of("reading for a queue group", failure, false, null));
            if (Membership.isEnd(failure)) {
                turnedAway.completeExceptionally(failure);
                giveUp();
            }
            LockSupport.parkNanos(this, PARK_NANOS);
        }
        drainedIfStopping();
    }

    /** Another native consumer will try to be a member; what handlers hold is given to others. */
    private void giveUp() {
        membership.end(System.nanoTime());
        close(Duration.ZERO);
        subscribed = Set.of();
        unsettled.clear();
    }

    private void take(ConsumerRecords<byte[], byte[]> records) {
        lastRecordAt = System.nanoTime();
        renewAt = lastRecordAt + lockNanos() / 2;
        busyAt = lastRecordAt + (records.count() < BATCH ? BUSY_NANOS : BUSY_FULL_NANOS);
        records.forEach(this::take);
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        unsettled.add(record);
        AtomicBoolean first = new AtomicBoolean(true);
        boolean taken;
        try {
            taken = receiver.onRecord(
                    record, settlement -> first.compareAndSet(true, false) && settle(record, settlement));
        } catch (RuntimeException defect) {
            onError.accept(new AntiphonException(ErrorCode.INTERNAL, "a message could not be handed over", defect));
            taken = false;
        }
        if (!taken) {
            settled.add(new Settled(record, AcknowledgeType.ACCEPT));
        }
    }

    private long lockNanos() {
        int millis = consumer.acquisitionLockTimeoutMs().orElse(DEFAULT_LOCK_MILLIS);
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    /** On any thread. */
    private boolean settle(ConsumerRecord<byte[], byte[]> record, Settlement settlement) {
        refused |= stopping && settlement == Settlement.REQUEUE; // or it would come again and again
        settled.add(new Settled(
                record,
                switch (settlement) {
                    case ACCEPT -> AcknowledgeType.ACCEPT;
                    case REQUEUE -> AcknowledgeType.RELEASE;
                    case REJECT -> AcknowledgeType.REJECT;
                }));
        LockSupport.unpark(thread);
        return true;
    }

    private void settle() {
        Settled one;
        while ((one = settled.poll()) != null) {
            acknowledge(one.record(), one.type());
            unsettled.remove(one.record());
        }
    }

    /** False if the broker has given it to somebody else by now. */
    private boolean acknowledge(ConsumerRecord<byte[], byte[]> record, AcknowledgeType type) {
        try {
            consumer.acknowledge(record, type);
            return true;
        } catch (IllegalStateException gone) {
            return false;
        }
    }

    /** Waits for settlements, and has the broker wait too. */
    private void await() {
        if (!busy && System.nanoTime() - busyAt >= 0) {
            busy = true;
            lanes.busy();
        }
        if (System.nanoTime() - renewAt >= 0) {
            renew();
        } else if (settled.isEmpty()) {
            LockSupport.parkNanos(this, PARK_NANOS);
        }
        if (stopping && (!emptying || refused)) {
            drained.complete(null);
        }
    }

    /** The native consumer gives renewed records out once more, by the next polls; until then it takes no settlements of them. */
    private void renew() {
        renewAt = System.nanoTime() + lockNanos() / 2;
        long giveUp = System.nanoTime() + RENEWAL_NANOS;
        boolean awaited = false;
        for (ConsumerRecord<byte[], byte[]> record : unsettled) {
            awaited |= acknowledge(record, AcknowledgeType.RENEW);
        }
        boolean there = isGivenOut(awaited);
        while (!there && System.nanoTime() - giveUp < 0) {
            there = isGivenOut(awaited);
        }
    }

    /** Whether what was renewed is there again, or is known to be lost; if it is lost, the native consumer may have others. */
    private boolean isGivenOut(boolean awaited) {
        try {
            boolean answered = !consumer.commitSync().isEmpty();
            ConsumerRecords<byte[], byte[]> records = consumer.poll(RENEWAL);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (!unsettled.contains(record)) {
                    take(record);
                }
            }
            return answered || !awaited || !records.isEmpty();
        } catch (WakeupException asked) {
            return false; // something has changed
        } catch (RuntimeException failure) {
            failed(failure);
            return true;
        }
    }

    private void close(Duration limit) {
        try {
            consumer.close(limit);
        } catch (RuntimeException e) {
            // what it held is given to others by the broker
        }
    }
}
