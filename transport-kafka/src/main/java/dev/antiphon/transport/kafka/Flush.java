package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits until everything that was sent before is at the brokers: first for what it is asked about whether anybody serves it. */
final class Flush {

    private Flush() {}

    /** Completes then, or fails after that time. */
    static CompletableFuture<Void> within(Duration limit, Session session, Failures failures) {
        return session.inquiries()
                .answered()
                .thenCompose(asked -> session.outbox().flush())
                .orTimeout(limit.toNanos(), TimeUnit.NANOSECONDS)
                .exceptionally(failure -> {
                    Throwable cause = Topics.unwrapped(failure);
                    throw cause instanceof TimeoutException
                            ? failures.unanswered(limit)
                            : cause instanceof AntiphonException ours ? ours : new CompletionException(cause);
                });
    }
}
