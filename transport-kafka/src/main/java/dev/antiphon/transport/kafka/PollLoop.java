package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that reads for all subscriptions outside of groups, for the reply channel and for presence: a native consumer may be
 * used by one thread only. Others leave it tasks. It never waits for anybody but the brokers: a reader that is full has its partition
 * paused.
 */
final class PollLoop {

    private static final Duration PATIENCE = Duration.ofMillis(200);

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Consumer<AntiphonException> onError;
    private final Runnable endFetch;
    private final Thread thread;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Map<TopicPartition, Feed> feeds = new HashMap<>();
    private final Set<Feed.Reader> stopping = new HashSet<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile boolean closing;
    private boolean changed;
    /** What the native consumer reads: not those that were refused a moment ago, and not those that are deleted. */
    private List<Feed> assigned = List.of();

    private boolean anyAside;
    private long asideUntil;
    private long freshUntil = System.nanoTime();

    /** @param endFetch has the broker answer the fetch that waits there */
    PollLoop(
            KafkaConsumer<byte[], byte[]> consumer,
            String threadName,
            Consumer<AntiphonException> onError,
            Runnable endFetch) {
        this.consumer = consumer;
        this.onError = onError;
        this.endFetch = endFetch;
        this.thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
    }

    void start() {
        if (begun.compareAndSet(false, true)) {
            thread.start();
        }
    }

    private boolean reads(TopicPartition partition, Feed.Reader reader) {
        Feed feed = feeds.get(partition);
        return feed != null && feed.cursors().stream().anyMatch(cursor -> cursor.reader == reader);
    }

    /** Goes on where another one ended, for those who do not begin anew. Before the start. */
    void takeOver(PollLoop other) {
        other.feeds.forEach((partition, feed) -> {
            for (Feed.Cursor cursor : feed.cursors()) {
                if (!cursor.reader.isGone() && !reads(partition, cursor.reader)) {
                    add(partition, null, cursor.next, cursor.reader).goOnAfter(feed);
                }
            }
        });
    }

    KafkaConsumer<byte[], byte[]> consumer() {
        return consumer;
    }

    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** Runs a task on the thread; never, if the loop has ended. */
    void execute(Runnable task) {
        tasks.add(task);
        if (!isOwnThread()) {
            consumer.wakeup();
        }
    }

    /** As {@link #execute}, and completes when it has run, or fails when it never will. */
    CompletableFuture<Void> submit(Runnable task) {
        Submitted submitted = new Submitted(task);
        execute(submitted);
        if (ended.isDone()) {
            failTasks();
        }
        return submitted.done;
    }

    private void failTasks() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            if (task instanceof Submitted submitted) {
                submitted.done.completeExceptionally(new AntiphonException(ErrorCode.NOT_CONNECTED, "disconnected"));
            }
        }
    }

    /** A task somebody waits for. */
    private static final class Submitted implements Runnable {
        private final Runnable task;
        final CompletableFuture<Void> done = new CompletableFuture<>();

        Submitted(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            try {
                task.run();
                done.complete(null);
            } catch (RuntimeException defect) {
                done.completeExceptionally(defect);
                throw defect;
            }
        }
    }

    /** Ends as soon as it can; on this thread, if it has not been started. */
    CompletableFuture<Void> close() {
        closing = true;
        if (begun.compareAndSet(false, true)) {
            end();
        } else {
            consumer.wakeup();
        }
        return ended;
    }

    // -- Readers; on the thread --

    /**
     * Reads partitions for a reader.
     *
     * @param from the offsets to begin at
     * @param ids the ids of the topics in which these were looked up, as far as they are known
     */
    void read(Map<TopicPartition, Long> from, Map<String, Uuid> ids, Feed.Reader reader) {
        from.forEach((partition, offset) -> add(partition, ids.get(partition.topic()), offset, reader));
    }

    private Feed add(TopicPartition partition, @Nullable Uuid topicId, long from, Feed.Reader reader) {
        Feed feed = feeds.computeIfAbsent(partition, added -> new Feed(added, topicId));
        feed.remove(reader);
        feed.add(new Feed.Cursor(reader, from));
        changed = true;
        return feed;
    }

    /** Reads nothing for a reader any more. */
    void forget(Feed.Reader reader) {
        feeds.values().forEach(feed -> feed.remove(reader));
        changed = true;
    }

    /** Where a reader is in each of its partitions. */
    Map<TopicPartition, Long> places(Feed.Reader reader) {
        Map<TopicPartition, Long> places = new HashMap<>();
        feeds.values()
                .forEach(feed -> feed.cursors().stream()
                        .filter(cursor -> cursor.reader == reader)
                        .forEach(cursor -> places.put(feed.partition(), cursor.next)));
        return places;
    }

    /** Lets a reader have what lies before these offsets, and then nothing; partitions that are not named end at once. */
    void stopAt(Feed.Reader reader, Map<TopicPartition, Long> ends) {
        for (Feed feed : feeds.values()) {
            for (Feed.Cursor cursor : feed.cursors()) {
                if (cursor.reader == reader) {
                    cursor.stopAt = ends.getOrDefault(feed.partition(), cursor.next);
                }
            }
        }
        stopping.add(reader);
    }

    /** Does not read a topic until it has been looked for. */
    void putAside(String topic) {
        for (Feed feed : feeds.values()) {
            if (feed.partition().topic().equals(topic)) {
                feed.putAside();
                changed = true;
            }
        }
    }

    /** The topics that it reads. */
    Set<String> topics() {
        return feeds.keySet().stream().map(TopicPartition::topic).collect(Collectors.toSet());
    }

    /**
     * Topics were looked for. What is deleted is not asked for until it is there again: native clients would log that, many times a second.
     *
     * @param ids the ids of those that are there
     */
    void lookedFor(Set<String> names, Map<String, Uuid> ids) {
        Set<String> anew = new TreeSet<>();
        for (Feed feed : feeds.values()) {
            String topic = feed.partition().topic();
            if (names.contains(topic)) {
                boolean wasAbsent = feed.isAbsent();
                if (feed.lookedFor(ids.get(topic))) {
                    anew.add(topic);
                }
                changed |= wasAbsent != feed.isAbsent();
            }
        }
        if (!anew.isEmpty()) {
            onError.accept(new AntiphonException(
                    ErrorCode.DATA_LOSS, "topics were deleted, perhaps with messages that were not read yet: " + anew));
        }
    }

    private void endStopped() {
        for (Feed.Reader reader : List.copyOf(stopping)) {
            long now = System.nanoTime();
            boolean left = feeds.values().stream()
                    .filter(feed -> !feed.isAside(now))
                    .flatMap(feed -> feed.cursors().stream())
                    .anyMatch(cursor -> cursor.reader == reader && !cursor.hasEnded());
            if (!left) {
                stopping.remove(reader);
                forget(reader);
                reader.onEnd();
            }
        }
    }

    /**
     * The consumer has learnt where partitions are. When they were added a moment ago, it had to ask, and its question waited behind the fetch
     * that waits at the broker, which was therefore ended; by now there is another one, still without them, which ends here.
     */
    void metadataCame() {
        if (freshUntil - System.nanoTime() > 0) {
            endFetch.run();
        }
    }

    // -- The thread --

    private void run() {
        try {
            while (!closing) {
                turn();
            }
        } finally {
            end();
        }
    }

    /** Whatever goes wrong must not end the reading for everybody. */
    private void turn() {
        try {
            runTasks();
            assign();
            pause();
            endStopped();
            poll();
        } catch (RuntimeException failure) {
            failed(failure);
        }
    }

    private void failed(RuntimeException failure) {
        onError.accept(NativeFailure.of("reading", failure, false, null));
        LockSupport.parkNanos(this, PATIENCE.toNanos());
    }

    private void end() {
        close(consumer);
        ended.complete(null);
        failTasks();
    }

    private void runTasks() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
            guarded(task);
        }
    }

    /** A defect in what is called must not end the reading for everybody. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException defect) {
            onError.accept(new AntiphonException(ErrorCode.INTERNAL, "a message could not be handed over", defect));
        }
    }

    private void assign() {
        long now = System.nanoTime();
        if (anyAside && now - asideUntil >= 0) {
            anyAside = false;
            changed = true;
        }
        if (!changed) {
            return;
        }
        feeds.values().forEach(Feed::removeGone);
        feeds.values().removeIf(feed -> feed.cursors().isEmpty());
        assigned = feeds.values().stream().filter(feed -> !feed.isAside(now)).toList();
        Set<TopicPartition> before = Set.copyOf(consumer.assignment());
        Set<TopicPartition> next = assigned.stream().map(Feed::partition).collect(Collectors.toSet());
        if (!before.containsAll(next)) {
            freshUntil = now + FRESH_NANOS;
            endFetch.run();
        }
        consumer.assign(next);
        assigned.forEach(feed -> seek(feed, before));
        changed = false;
    }

    private void seek(Feed feed, Set<TopicPartition> before) {
        long first = feed.first();
        boolean isNew = !before.contains(feed.partition());
        if (isNew) {
            feed.paused = false;
        }
        if (isNew || feed.position != first) {
            seek(feed, first);
        }
    }

    /** The native consumer would have to ask the brokers where it is. */
    private void seek(Feed feed, long place) {
        consumer.seek(feed.partition(), place);
        feed.position = place;
    }

    private void pause() {
        List<TopicPartition> full = new ArrayList<>();
        List<TopicPartition> free = new ArrayList<>();
        for (Feed feed : assigned) {
            boolean isFull = feed.isFull();
            if (isFull != feed.paused) {
                feed.paused = isFull;
                (isFull ? full : free).add(feed.partition());
            }
        }
        consumer.pause(full);
        consumer.resume(free);
    }

    private void poll() {
        if (assigned.isEmpty()) {
            LockSupport.parkNanos(this, 1_000_000);
            return;
        }
        try {
            read();
        } catch (WakeupException asked) {
            // there are tasks
        } catch (TopicAuthorizationException refused) {
            refuse(refused);
        }
    }

    /** What goes wrong where the nearest records are looked for is as what goes wrong in reading: the next turn finds them gone again. */
    private void read() {
        try {
            hand(consumer.poll(PATIENCE));
        } catch (OffsetOutOfRangeException gone) {
            lost(gone);
        }
    }

    /** Where there are markers of transactions only, there are no records, but it goes on. */
    private void hand(ConsumerRecords<byte[], byte[]> records) {
        Consumer<Runnable> guard = this::guarded;
        for (TopicPartition partition : records.partitions()) {
            Feed feed = feeds.get(partition);
            if (feed != null) {
                records.records(partition).forEach(record -> feed.deliver(record, guard));
            }
        }
        records.nextOffsets().forEach((partition, next) -> {
            Feed feed = feeds.get(partition);
            if (feed != null) {
                feed.reached(next.offset());
            }
        });
    }

    /** The broker no longer has what comes next: reading goes on with the nearest that it has. */
    private void lost(OffsetOutOfRangeException gone) {
        Set<TopicPartition> partitions = gone.offsetOutOfRangePartitions().keySet();
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions, LIMIT);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, LIMIT);
        for (TopicPartition partition : partitions) {
            Feed feed = feeds.get(partition);
            if (feed != null) {
                long end = ends.getOrDefault(partition, 0L);
                feed.restrict(begins.getOrDefault(partition, 0L), end, since(feed, end));
                seek(feed, feed.first());
            }
        }
        onError.accept(new AntiphonException(
                ErrorCode.DATA_LOSS, "messages were removed before they were read: " + partitions, gone));
    }

    /** Where that begins which was published after the last that was read: a topic that was made anew has it from its beginning. */
    private long since(Feed feed, long end) {
        TopicPartition partition = feed.partition();
        OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(partition, feed.readAt()), LIMIT)
                .get(partition);
        return found == null ? end : found.offset();
    }

    /** Rights come and go: what may not be read now is tried again after a while, where its readers are. */
    private void refuse(TopicAuthorizationException refused) {
        long now = System.nanoTime();
        boolean news = false;
        for (Feed feed : assigned) {
            if (refused.unauthorizedTopics().contains(feed.partition().topic())) {
                news |= feed.refuse(now);
                anyAside = true;
            }
        }
        asideUntil = now + Feed.REFUSED_NANOS;
        changed = true;
        if (news) {
            onError.accept(NativeFailure.of("reading " + refused.unauthorizedTopics(), refused, false, null));
        }
    }

    private static void close(KafkaConsumer<byte[], byte[]> consumer) {
        try {
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        } catch (RuntimeException e) {
            // it has no state that matters
        }
    }
}
