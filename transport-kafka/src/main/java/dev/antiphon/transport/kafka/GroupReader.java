package dev.antiphon.transport.kafka;

import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What reads for a member of a queue group. Any thread. */
interface GroupReader {

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
