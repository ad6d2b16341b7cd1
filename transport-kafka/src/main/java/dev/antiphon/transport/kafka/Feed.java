package dev.antiphon.transport.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What is read of one partition, and for whom. Each reader has its own place in it: the native consumer reads from the first of these,
 * and who is ahead does not see a record twice. Used on the poll thread only.
 */
final class Feed {

    /** One who reads a partition. */
    interface Reader {
        /** The next record for it. */
        void onRecord(ConsumerRecord<byte[], byte[]> record);

        /** Whether it can not take more just now. */
        default boolean isFull() {
            return false;
        }

        /** Whether it reads no more. */
        default boolean isGone() {
            return false;
        }

        /** It has had everything it wanted before it stopped. */
        default void onEnd() {}
    }

    /** A reader's place. */
    static final class Cursor {
        final Reader reader;
        long next;
        /** Where it wants to end; the largest number if it goes on. */
        long stopAt = Long.MAX_VALUE;

        Cursor(Reader reader, long next) {
            this.reader = reader;
            this.next = next;
        }

        boolean hasEnded() {
            return next >= stopAt;
        }
    }

    /** So long after the brokers have refused it, it is tried again. */
    static final long REFUSED_NANOS = TimeUnit.SECONDS.toNanos(3);

    /** Of a topic that was made just now, one broker may not know yet what another one has told. */
    private static final int ABSENCES = 2;

    private final TopicPartition partition;
    /** Another one when the topic was deleted and made anew; null if not known yet. */
    private @Nullable Uuid topicId;

    private List<Cursor> cursors = List.of();
    private boolean refused;
    private int absences;
    /** Since that was seen, the log was found to end before our place: it is another one already. */
    private boolean restricted;

    private long refusedAt;
    private long readAt = System.currentTimeMillis();
    boolean paused;
    /** Where the native consumer is. */
    long position = -1;

    /** @param topicId of the topic in which the places of its readers are, if that is known */
    Feed(TopicPartition partition, @Nullable Uuid topicId) {
        this.partition = partition;
        this.topicId = topicId;
    }

    TopicPartition partition() {
        return partition;
    }

    List<Cursor> cursors() {
        return cursors;
    }

    void add(Cursor cursor) {
        List<Cursor> more = new ArrayList<>(cursors);
        more.add(cursor);
        cursors = more;
    }

    void remove(Reader reader) {
        cursors = cursors.stream().filter(cursor -> cursor.reader != reader).toList();
    }

    /** The brokers do not let it be read. False if that is known: they said so when it was tried the last time, too. */
    boolean refuse(long now) {
        boolean news = !refused || now - refusedAt > 2 * REFUSED_NANOS;
        refused = true;
        refusedAt = now;
        return news;
    }

    /** Whether it is not read for now, because it was refused, or does not exist. */
    boolean isAside(long now) {
        return isAbsent() || (refused && now - refusedAt < REFUSED_NANOS);
    }

    /** It is not read until the topic has been looked for. */
    void putAside() {
        absences = ABSENCES;
    }

    /** Whether the topic does not exist, or may be another one. */
    boolean isAbsent() {
        return absences >= ABSENCES;
    }

    /**
     * The topic was looked for.
     *
     * @param found its id, or null
     * @return whether it was away and is another one now, which is read from its beginning
     */
    boolean lookedFor(@Nullable Uuid found) {
        boolean wasAbsent = isAbsent();
        absences = found == null ? absences + 1 : 0;
        if (found == null) {
            return false;
        }
        boolean another = topicId != null && !topicId.equals(found) && wasAbsent && !restricted;
        topicId = found;
        restricted = false;
        if (another) {
            restart();
        }
        return another;
    }

    private void restart() {
        for (Cursor cursor : cursors) {
            cursor.next = cursor.stopAt == Long.MAX_VALUE ? 0 : cursor.stopAt;
        }
    }

    /** Those that read no more need nothing. */
    void removeGone() {
        cursors = cursors.stream().filter(cursor -> !cursor.reader.isGone()).toList();
    }

    /** Where the first of the readers is. */
    long first() {
        return cursors.stream().mapToLong(cursor -> cursor.next).min().orElse(Long.MAX_VALUE);
    }

    boolean isFull() {
        for (Cursor cursor : cursors) {
            if (cursor.reader.isFull()) {
                return true;
            }
        }
        return false;
    }

    /** @param guard runs what each reader does with it, so that one that fails does not cost the others the record */
    void deliver(ConsumerRecord<byte[], byte[]> record, Consumer<Runnable> guard) {
        for (Cursor cursor : cursors) {
            if (record.offset() >= cursor.next) {
                cursor.next = record.offset() + 1;
                if (record.offset() < cursor.stopAt) {
                    guard.accept(() -> cursor.reader.onRecord(record));
                }
            }
        }
    }

    /** The native consumer is here: what lies before are no records (markers, or removed). */
    void reached(long newPosition) {
        position = newPosition;
        readAt = System.currentTimeMillis();
        for (Cursor cursor : cursors) {
            cursor.next = Math.max(cursor.next, newPosition);
        }
    }

    /** When something of it was read last, on this machine's clock; before that, when it was begun. */
    long readAt() {
        return readAt;
    }

    /** Goes on where one over another connection ended. */
    void goOnAfter(Feed before) {
        readAt = before.readAt;
        topicId = before.topicId;
    }

    /**
     * The broker has what lies between these, and nothing else any more.
     *
     * @param since where to go on when the log ends before our place: it is another one, or has lost its end
     */
    void restrict(long begin, long end, long since) {
        for (Cursor cursor : cursors) {
            restricted |= cursor.next > end;
            cursor.next = Math.max(begin, cursor.next > end ? since : cursor.next);
        }
    }
}
