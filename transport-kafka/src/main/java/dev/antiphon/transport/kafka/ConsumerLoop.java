package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.InboundMessage.Settlement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InconsistentGroupProtocolException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One member of a consumer group, and its thread, which polls whatever happens, so that the group does not take the member for
 * dead: while as many records as allowed are with their handlers, all partitions pause. An offset is committed when everything
 * before it on its partition is settled.
 *
 * <p>The native consumer outlives connections: it goes on where it was when the brokers are back, as the same member. Nothing is
 * handed over meanwhile.
 */
final class ConsumerLoop implements GroupReader, ConsumerRebalanceListener {

    /** As often as share groups, unless their brokers are told otherwise. */
    private static final int ATTEMPTS = 5;

    private static final Duration PATIENCE = Duration.ofMillis(50);
    private static final long PARK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long FAILED_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long COMMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long COMMIT_GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Duration GOODBYE = Duration.ofMillis(500);
    private static final Duration LEAVE = Duration.ofSeconds(3);
    private static final Duration ONE_COMMIT = Duration.ofMillis(250);
    private static final Duration LAST_COMMIT = Duration.ofSeconds(1);

    /** How long handlers have to settle what they hold of a partition that goes to another member. */
    private static final long REVOKE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** How long handlers have after a stop, before others get what they hold. */
    private static final long HOLD_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** How long the last member waits for partitions that others had. */
    private static final long EMPTY_NANOS = TimeUnit.SECONDS.toNanos(8);

    private record Settled(Claim.Taken taken, Settlement how) {}

    private final Membership<KafkaConsumer<byte[], byte[]>> membership;
    private final int limit;
    private final GroupReader.Receiver receiver;
    private final BooleanSupplier connected;
    private final Consumer<AntiphonException> onError;
    private final Thread thread;
    private final ConcurrentLinkedQueue<Settled> settled = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final CompletableFuture<Void> refused = new CompletableFuture<>();
    private final Function<Collection<TopicPartition>, Origins> origins;
    private final AtomicReference<Map<String, Uuid>> lookedFor = new AtomicReference<>(Map.of());
    private volatile Set<String> topics;
    private volatile @Nullable Map<TopicPartition, Long> ends;
    private volatile boolean stopping;
    private volatile boolean closing;
    private volatile boolean lost;

    private final Claims claims = new Claims();
    private final Deque<Claim.Taken> waiting = new ArrayDeque<>();
    private KafkaConsumer<byte[], byte[]> consumer;
    private Set<String> subscribed = Set.of();
    private boolean paused;
    private boolean returned;
    private boolean committing;
    private long committedAt = System.nanoTime();
    private long stoppedAt;

    /**
     * Does not start yet.
     *
     * @param opener makes native consumers of the same client id
     * @param limit how many records may be with their handlers
     * @param origins what is to be known of partitions before they are read; waited for
     * @param connected whether there is a connection: otherwise nothing is handed over
     */
    ConsumerLoop(
            Supplier<KafkaConsumer<byte[], byte[]>> opener,
            int limit,
            Set<String> topics,
            Function<Collection<TopicPartition>, Origins> origins,
            GroupReader.Receiver receiver,
            BooleanSupplier connected,
            String threadName,
            Consumer<AntiphonException> onError) {
        this.membership = new Membership<>(opener);
        this.consumer = opener.get();
        this.limit = limit;
        this.topics = Set.copyOf(topics);
        this.origins = origins;
        this.receiver = receiver;
        this.connected = connected;
        this.onError = onError;
        this.thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** Reads these topics from now on. */
    @Override
    public void read(Set<String> newTopics) {
        topics = Set.copyOf(newTopics);
    }

    /** Who topics are that were looked for. */
    void lookedFor(Map<String, Uuid> ids) {
        lookedFor.set(ids);
    }

    /**
     * Takes no more than it has, and leaves when that is settled. The result completes when nothing more is handed over.
     *
     * @param upTo where it first reads to, because nobody else will; null to end at once
     */
    CompletableFuture<Void> stop(@Nullable Map<TopicPartition, Long> upTo) {
        ends = upTo;
        stoppedAt = System.nanoTime();
        stopping = true;
        LockSupport.unpark(thread);
        return drained;
    }

    /** Gives back what is not settled, and leaves the group. */
    @Override
    public CompletableFuture<Void> close() {
        closing = true;
        LockSupport.unpark(thread);
        return ended;
    }

    /** The brokers are gone for good: settlements have nowhere to go. */
    @Override
    public void lost() {
        lost = true;
        CompletableFuture<Void> unused = close();
    }

    @Override
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Fails when the group does not take this member. */
    CompletableFuture<Void> refused() {
        return refused;
    }

    // -- The thread --

    private void run() {
        try {
            while (!closing && !isThrough()) {
                step();
            }
            settle();
            commitLast(closing ? GOODBYE : LEAVE);
        } catch (RuntimeException failure) {
            report(failure);
        } finally {
            drained.complete(null);
            leave();
            ended.complete(null);
        }
    }

    private boolean isThrough() {
        return stopping
                && drained.isDone()
                && (claims.handed() == 0 || System.nanoTime() - stoppedAt > HOLD_NANOS)
                && settled.isEmpty();
    }

    private void step() {
        try {
            settle();
            handOver();
            commit();
            subscribe();
            beginAnew();
            poll();
            endIfRead();
        } catch (RuntimeException failure) {
            failed(failure);
        }
    }

    private void subscribe() {
        Set<String> wanted = topics;
        long now = System.nanoTime();
        if (!wanted.equals(subscribed) && membership.isDue(now)) {
            consumer = membership.renewed(consumer, now);
            consumer.subscribe(wanted, this);
            subscribed = wanted;
        }
    }

    private void poll() {
        if (subscribed.isEmpty()) {
            LockSupport.parkNanos(this, PARK_NANOS);
            return;
        }
        boolean full = !takesMore() || !waiting.isEmpty() || claims.handed() >= limit;
        if (full != paused) {
            paused = full;
            if (full) {
                consumer.pause(consumer.assignment());
            } else {
                consumer.resume(consumer.assignment());
            }
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(full ? Duration.ZERO : PATIENCE)) {
            take(new TopicPartition(record.topic(), record.partition()), record);
        }
        if (full && settled.isEmpty()) {
            LockSupport.parkNanos(this, PARK_NANOS);
        }
    }

    private void take(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
        Claim claim = claims.get(partition);
        if (claim != null && !claim.isFollowedBy(record)) { // the native consumer has found that it is another topic
            forget(List.of(claim));
            claim = claims.add(partition, null);
        }
        if (claim != null) {
            waiting.add(claim.take(record));
        }
    }

    private boolean takesMore() {
        return connected.getAsBoolean() && (!stopping || (ends != null && !returned && !drained.isDone()));
    }

    private void failed(RuntimeException failure) {
        boolean out = Membership.isEnd(failure);
        if (out || failure instanceof InconsistentGroupProtocolException) {
            refused.completeExceptionally(failure);
        }
        if (!closing && connected.getAsBoolean()) {
            report(failure);
        }
        if (out && !closing) {
            giveUp();
        }
        LockSupport.parkNanos(this, FAILED_NANOS);
    }

    /** Another native consumer will try to be a member; what handlers hold is given out again. */
    private void giveUp() {
        membership.end(System.nanoTime());
        forget(claims.all());
        try {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        } catch (KafkaException failure) {
            // it was no member
        }
        subscribed = Set.of();
        paused = false;
        committing = false;
    }

    private void report(RuntimeException failure) {
        onError.accept(NativeFailure.of("reading for a queue group", failure, false, null));
    }

    // -- Records --

    private void handOver() {
        int room = limit - claims.handed();
        while (room > 0 && !waiting.isEmpty() && takesMore()) {
            room -= handOver(waiting.remove()) ? 1 : 0;
        }
    }

    private boolean handOver(Claim.Taken taken) {
        AtomicBoolean first = new AtomicBoolean(true);
        taken.claim.handedOver(taken);
        boolean handed;
        try {
            handed = receiver.onRecord(
                    taken.record, settlement -> first.compareAndSet(true, false) && settle(taken, settlement));
        } catch (RuntimeException defect) {
            onError.accept(new AntiphonException(ErrorCode.INTERNAL, "a message could not be handed over", defect));
            handed = false;
        }
        if (!handed) {
            taken.claim.back();
            taken.claim.done(taken);
        }
        return handed;
    }

    /** On any thread. */
    private boolean settle(Claim.Taken taken, Settlement how) {
        settled.add(new Settled(taken, how));
        LockSupport.unpark(thread);
        return true;
    }

    private void settle() {
        Settled one;
        while ((one = settled.poll()) != null) {
            Claim.Taken taken = one.taken();
            if (taken.claim.isGone()) {
                continue; // another member has it by now
            }
            taken.claim.back();
            boolean again = taken.attempts < ATTEMPTS;
            if (one.how() != Settlement.REQUEUE || (!again && !stopping)) {
                taken.claim.done(taken);
            } else if (again && !closing && !taken.claim.isEnding() && (!stopping || ends != null)) {
                waiting.add(taken);
            } else {
                returned |= stopping; // not committed: the next owner gets it
            }
        }
    }

    /** Whether everything is read that was there when the stop began. */
    private void endIfRead() {
        if (stopping && !drained.isDone() && (!takesMore() || isRead())) {
            drained.complete(null);
        }
    }

    private boolean isRead() {
        Map<TopicPartition, Long> wanted = Objects.requireNonNullElse(ends, Map.of());
        boolean late = System.nanoTime() - stoppedAt > EMPTY_NANOS;
        if (!waiting.isEmpty() || (claims.handed() > 0 && !late)) { // what handlers hold may be given back
            return false;
        }
        for (Map.Entry<TopicPartition, Long> end : wanted.entrySet()) {
            boolean claimed = claims.get(end.getKey()) != null;
            if (claimed ? place(end.getKey()) < end.getValue() : !late) {
                return false;
            }
        }
        return true;
    }

    private long place(TopicPartition partition) {
        try {
            return consumer.position(partition, PATIENCE);
        } catch (TimeoutException unknownYet) {
            return -1;
        }
    }

    // -- Offsets --

    private void commit() {
        long since = System.nanoTime() - committedAt;
        if (since < (committing ? COMMIT_GIVE_UP_NANOS : COMMIT_NANOS)) {
            return;
        }
        committedAt = System.nanoTime();
        Map<TopicPartition, OffsetAndMetadata> offsets = claims.toCommit();
        committing = !offsets.isEmpty();
        if (committing) {
            consumer.commitAsync(offsets, (done, failure) -> {
                committing = false;
                if (failure == null) {
                    claims.committed(done);
                } // else it is tried again, with what has been added
            });
        }
    }

    /** Commits what can be; a rebalance that is under way has to end first, which takes polls. */
    private void commitLast(Duration limit) {
        long giveUp = System.nanoTime() + limit.toNanos();
        while (!lost && !claims.toCommit().isEmpty() && System.nanoTime() - giveUp < 0) {
            Map<TopicPartition, OffsetAndMetadata> offsets = claims.toCommit();
            try {
                consumer.commitSync(offsets, ONE_COMMIT);
                claims.committed(offsets);
            } catch (RebalanceInProgressException | TimeoutException notYet) {
                pauseAll();
                consumer.poll(Duration.ofMillis(5)).forEach(record -> {});
            }
        }
    }

    private void pauseAll() {
        paused = true;
        consumer.pause(consumer.assignment());
    }

    private void leave() {
        GroupMembershipOperation how = GroupMembershipOperation.LEAVE_GROUP;
        try {
            consumer.close(CloseOptions.groupMembershipOperation(how).withTimeout(lost ? Duration.ZERO : GOODBYE));
        } catch (KafkaException e) {
            // the group misses it after the session timeout
        }
    }

    // -- Partitions that come and go, within a poll --

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        if (!partitions.isEmpty()) {
            claim(partitions, origins.apply(partitions));
        }
    }

    private void claim(Collection<TopicPartition> partitions, Origins from) {
        claims.add(partitions, from.topics());
        if (!from.outdated().isEmpty()) {
            consumer.seekToBeginning(from.outdated());
        }
        if (paused) {
            consumer.pause(partitions);
        }
    }

    /** A native consumer that notices only that a topic is there again goes on where it was in the old one. */
    private void beginAnew() {
        Map<String, Uuid> ids = lookedFor.getAndSet(Map.of());
        List<Claim> outdated = ids.isEmpty() ? List.of() : claims.lookedFor(ids);
        if (!outdated.isEmpty()) {
            Set<TopicPartition> partitions =
                    outdated.stream().map(Claim::partition).collect(Collectors.toSet());
            forget(outdated);
            claim(partitions, new Origins(ids, partitions));
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        List<Claim> going = claims.of(partitions);
        going.forEach(Claim::end);
        waiting.removeIf(taken -> taken.claim.isEnding());
        long giveUp = System.nanoTime() + REVOKE_NANOS;
        settle();
        while (!closing && going.stream().anyMatch(claim -> claim.handed() > 0) && System.nanoTime() - giveUp < 0) {
            LockSupport.parkNanos(this, PARK_NANOS);
            settle();
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = Claims.toCommit(going);
        if (!offsets.isEmpty() && !lost) {
            try {
                consumer.commitSync(offsets, closing ? ONE_COMMIT : LAST_COMMIT);
            } catch (KafkaException failure) {
                // the next owner gets again what was handled since the last commit
            }
        }
        forget(going);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        forget(claims.of(partitions));
    }

    private void forget(List<Claim> going) {
        claims.lose(going);
        waiting.removeIf(taken -> taken.claim.isGone());
    }
}
