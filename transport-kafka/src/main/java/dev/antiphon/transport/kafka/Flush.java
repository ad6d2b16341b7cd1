package dev.antiphon.transport.kafka;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;

/** Waits until everything that was sent before is at the brokers: first for what waits to be given to the native producer. */
final class Flush {

    private static final long LOOK_AGAIN_MILLIS = 1;

    private final KafkaLink link;
    private final Session session;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    Flush(KafkaLink link, Session session) {
        this.link = link;
        this.session = session;
    }

    CompletableFuture<Void> within(Duration limit) {
        CompletableFuture<Void> unused = session.inquiries().idle().thenRun(this::look);
        link.threads()
                .later(
                        () -> done.completeExceptionally(link.failures().unanswered(limit)),
                        limit.toMillis(),
                        TimeUnit.MILLISECONDS);
        return done;
    }

    private void look() {
        if (link.session() != session) {
            done.completeExceptionally(link.notConnected(null));
        } else if (session.outbox().hasWaiting()) {
            link.threads().later(this::look, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } else {
            link.threads().pool().execute(this::flush);
        }
    }

    /** Blocks, until the producer is closed at the latest. */
    private void flush() {
        try {
            session.outbox().producer().flush();
            done.complete(null);
        } catch (IllegalStateException | KafkaException closed) {
            done.completeExceptionally(link.notConnected(null));
        }
    }
}
