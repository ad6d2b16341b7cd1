package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.transport.kafka.PresenceRecord.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * How a messenger knows whether a subject is served, which Kafka can not tell: the messengers write down what they serve in one small
 * topic, and each reads it. One that serves something says so every {@code presence-interval}; one that is not heard of for three times
 * that long is gone. A record also tells where its messenger reads replies, and which topics were made just now.
 *
 * <p>What is sent and what is read is in one order: that of the one partition. So whoever wants to be sure that nobody serves a subject
 * asks where the partition ends, reads up to there ({@link #readUpTo}), and then looks.
 */
final class Presence implements Feed.Reader {

    /** How much longer one that serves nothing may be silent: only its place for replies is at stake. */
    private static final int IDLE_FACTOR = 6;

    private static final int MISSED = 3;

    /** How far back words of others who serve something may count. */
    static final Duration LONGEST_MEMORY = Settings.MAX_PRESENCE_INTERVAL.multipliedBy(MISSED);

    /** So many records are read in no time; where there are more, there is no need for long intervals. */
    static final int FURTHER_RECORDS = 2_000;

    /** How many times that, once something is heard again: others may be heard a little later. */
    private static final int RECOVERY = 2;

    private record Waiting(long offset, CompletableFuture<Void> reached) {}

    private final String id = UUID.randomUUID().toString();
    private final Registry registry = new Registry();
    private final Duration interval;
    private final Patience patience;
    private final String topic;
    private final String client;
    private final Consumer<String> onTopic;
    private final List<Interest> mine = new ArrayList<>();
    /** In bytes. */
    private int mineSize;

    private int replyPartition = -1;
    private long lastSent = System.nanoTime();
    private @Nullable Session session;

    // Guarded by waiting.
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>(Comparator.comparingLong(Waiting::offset));
    private long next = -1;

    /** Where this messenger began to read anew, and what the broker's clock said then: what comes before is that much older. */
    private volatile long helloTime;

    private volatile long helloOffset;

    /** @param onTopic told the names of topics that were made */
    Presence(Settings settings, Consumer<String> onTopic) {
        this.interval = settings.presenceInterval();
        this.patience = new Patience(interval, expiry().multipliedBy(RECOVERY), System.nanoTime());
        this.topic = settings.presenceTopic();
        this.client = settings.config().connectionName();
        this.onTopic = onTopic;
    }

    Registry registry() {
        return registry;
    }

    /** How long a silent one is believed to be there. */
    Duration expiry() {
        return interval.multipliedBy(MISSED);
    }

    /** How long this one is believed to be there when it serves nothing. */
    Duration longestExpiry() {
        return expiry().multipliedBy(IDLE_FACTOR);
    }

    /** Whether a subscription of this messenger takes it. */
    synchronized boolean servesHere(String subject) {
        for (Interest interest : mine) {
            if (interest.pattern().matches(subject)) {
                return true;
            }
        }
        return false;
    }

    // -- Telling --

    /** Tells everything over a new connection. */
    synchronized CompletableFuture<RecordMetadata> hello(Session over) {
        session = over;
        return send(over, Kind.ALIVE, mine, null);
    }

    /** The connection is lost: nothing is told over it. */
    synchronized void disconnected(Session from) {
        if (session == from) {
            session = null;
        }
    }

    /** Nothing more is read over the old connection: who waits for it is told. */
    void lost() {
        endWaiting(-1);
    }

    synchronized void repliesAt(int partition) {
        replyPartition = partition;
        CompletableFuture<RecordMetadata> unused = tell(Kind.ALIVE, mine, null);
    }

    /**
     * Ends the fetch that waits at the broker for something to read: partitions that were added since are in the next one only. A
     * word of our own does that.
     */
    synchronized void nudge() {
        CompletableFuture<RecordMetadata> unused = tell(Kind.ALIVE, mine, null);
    }

    /** Tells what this messenger serves from now on; if that can not be told, it does not. */
    synchronized CompletableFuture<RecordMetadata> join(Interest interest) {
        int size = sizeOf(interest);
        if (mineSize + size > RecordSize.MAX_BODY) {
            return CompletableFuture.failedFuture(new AntiphonException(
                    ErrorCode.RESOURCE_EXHAUSTED,
                    mine.size()
                            + " subscriptions fill the record by which others know of them; subscribe to patterns, or"
                            + " over several messengers"));
        }
        mineSize += size;
        mine.add(interest);
        return tell(Kind.JOIN, List.of(interest), null).whenComplete((told, failure) -> {
            if (failure != null) {
                CompletableFuture<Long> unused = gone(interest);
            }
        });
    }

    /** Completes when this messenger has read it itself: then others have, too, or are about to. */
    CompletableFuture<Void> leave(Interest interest) {
        return gone(interest).thenCompose(behind -> behind == 0 ? done() : readUpTo(behind));
    }

    /** Says that it leaves. The result is the offset behind that word, 0 if it was not said. */
    private synchronized CompletableFuture<Long> gone(Interest interest) {
        if (!mine.remove(interest)) {
            return CompletableFuture.completedFuture(0L);
        }
        mineSize -= sizeOf(interest);
        return tell(Kind.LEAVE, List.of(interest), null)
                .thenApply(sent -> sent.offset() + 1)
                .exceptionally(lost -> 0L);
    }

    private static int sizeOf(Interest interest) {
        return interest.toText().getBytes(UTF_8).length + 1;
    }

    /** Tells that a topic is made. */
    synchronized CompletableFuture<RecordMetadata> made(String newTopic) {
        return tell(Kind.TOPIC, List.of(), newTopic);
    }

    /**
     * Says that it is there, if it is time; and forgets those who do not. If nobody says anything, this messenger does, to see whether that
     * is read.
     *
     * @param unansweredNanos how long the brokers have not answered at all
     */
    synchronized void tick(long now, long unansweredNanos) {
        long every = interval.toNanos();
        long pause = mine.isEmpty() && !patience.isQuiet(now) ? every * IDLE_FACTOR : every;
        if (session != null && now - lastSent >= pause) {
            CompletableFuture<RecordMetadata> unused = tell(Kind.ALIVE, mine, null);
        }
        if (patience.isOver(now, unansweredNanos)) {
            registry.expire(now);
        }
    }

    /** A broker has gone; this messenger may be connected to others. */
    void brokerLost() {
        patience.brokerLost(System.nanoTime());
    }

    /** Its last word. */
    synchronized CompletableFuture<RecordMetadata> goodbye() {
        CompletableFuture<RecordMetadata> told = tell(Kind.GONE, List.of(), null);
        session = null;
        return told;
    }

    private CompletableFuture<RecordMetadata> tell(Kind kind, List<Interest> interests, @Nullable String newTopic) {
        Session over = session;
        return over == null
                ? CompletableFuture.failedFuture(new IllegalStateException("disconnected"))
                : send(over, kind, interests, newTopic);
    }

    /** With the lock held, so that records are sent in the order of what they tell. */
    private CompletableFuture<RecordMetadata> send(
            Session over, Kind kind, List<Interest> interests, @Nullable String newTopic) {
        lastSent = System.nanoTime();
        long expiry = (mine.isEmpty() ? longestExpiry() : expiry()).toMillis();
        PresenceRecord told = new PresenceRecord(id, kind, expiry, replyPartition, interests, newTopic);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, id.getBytes(UTF_8), told.toBytes());
        record.headers().add("client", client.getBytes(UTF_8));
        return over.outbox().internal(record);
    }

    // -- Reading, on the poll thread --

    @Override
    public void onRecord(ConsumerRecord<byte[], byte[]> record) {
        patience.heard(System.nanoTime());
        PresenceRecord told = PresenceRecord.parse(record);
        if (told != null) {
            long age = record.offset() < helloOffset ? Math.max(0, helloTime - record.timestamp()) : 0;
            registry.apply(told, System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(age));
            if (told.topic() != null) {
                onTopic.accept(told.topic());
            }
        }
        reached(record.offset() + 1);
    }

    private void reached(long offset) {
        List<CompletableFuture<Void>> ready = new ArrayList<>();
        synchronized (waiting) {
            next = offset;
            while (!waiting.isEmpty() && waiting.element().offset() <= offset) {
                ready.add(waiting.remove().reached());
            }
        }
        ready.forEach(future -> future.complete(null));
    }

    /** Completes when everything before that offset has been read; fails when the connection is lost before. */
    CompletableFuture<Void> readUpTo(long offset) {
        synchronized (waiting) {
            if (next >= offset) {
                return done();
            }
            CompletableFuture<Void> reached = new CompletableFuture<>();
            waiting.add(new Waiting(offset, reached));
            return reached;
        }
    }

    /**
     * Begins anew, over a new connection.
     *
     * @param hello where this messenger's own first word is
     */
    void restart(long offset, RecordMetadata hello) {
        if (helloTime != 0) {
            brokerLost();
        }
        patience.connected(System.nanoTime());
        helloTime = hello.timestamp();
        helloOffset = hello.offset();
        registry.clear();
        endWaiting(offset);
    }

    private void endWaiting(long offset) {
        List<CompletableFuture<Void>> old = new ArrayList<>();
        synchronized (waiting) {
            next = offset;
            waiting.forEach(one -> old.add(one.reached()));
            waiting.clear();
        }
        old.forEach(future -> future.completeExceptionally(new IllegalStateException("disconnected")));
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
