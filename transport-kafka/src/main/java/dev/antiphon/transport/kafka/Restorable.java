package dev.antiphon.transport.kafka;

import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What lives longer than a connection. */
interface Restorable {

    /**
     * A new connection takes over; its poll loop does not run yet. May block.
     *
     * @param sameCluster whether it leads to the same brokers, so that offsets mean the same
     */
    default void restore(Session next, boolean sameCluster) {}

    /** And now it runs. */
    default CompletableFuture<Void> rejoin(Session next, boolean sameCluster) {
        return CompletableFuture.completedFuture(null);
    }

    /** The connection is lost, or closed for good. */
    default void lost() {}

    /** The transport closes: completes when nothing is held at the broker any more. */
    default CompletableFuture<Void> closing() {
        return CompletableFuture.completedFuture(null);
    }

    /** A messenger has made a topic. On the poll thread. */
    default void topicMade(String topic) {}

    /** The topics to look for now and then, by name. */
    default Set<String> watched() {
        return Set.of();
    }

    /** Whether it wants to know of a topic, whatever its name. */
    default boolean watches(String topic) {
        return false;
    }

    /** Whether {@link #watches} may be true for topics that are not {@link #watched}. */
    default boolean watchesAll() {
        return false;
    }

    /** Topics were looked for. On the poll thread. */
    default void found(Topics.Found found) {}
}
