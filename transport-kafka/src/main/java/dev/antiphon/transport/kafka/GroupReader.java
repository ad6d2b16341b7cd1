package dev.antiphon.transport.kafka;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What reads for a member of a queue group. Any thread. */
interface GroupReader {

    /** Who gets the records. */
    interface Receiver {
        /** A record, on the reader's thread; false if it is not for this subscription. */
        boolean onRecord(ConsumerRecord<byte[], byte[]> record, KafkaDelivery.Settling settling);
    }

    /** Reads these topics from now on. */
    void read(Set<String> topics);

    /** Gives back what is not settled, and leaves the group. */
    CompletableFuture<Void> close();

    /** The connection is gone: settlements have nowhere to go. */
    void lost();

    /** Completes when it has left. */
    CompletableFuture<Void> ended();

    boolean isOwnThread();
}
