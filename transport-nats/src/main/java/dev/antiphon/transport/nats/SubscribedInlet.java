package dev.antiphon.transport.nats;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A subscription at the server, whatever its frames are for: it comes, survives reconnects, and leaves without losing
 * what the server sent before.
 */
abstract class SubscribedInlet implements Inlet {

    final NatsLink link;
    final String subject;
    final @Nullable String group;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private @Nullable CompletableFuture<Void> left;
    private int number = -1;

    SubscribedInlet(NatsLink link, String subject, @Nullable String group) {
        this.link = link;
        this.subject = subject;
        this.group = group;
    }

    /** Completes when what is published from now on will be delivered. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    /** The server has the subscription. */
    void confirmed() {
        ready.complete(null);
    }

    /** The server does not allow it, or the transport was closed before. Has no effect once confirmed. */
    boolean failed(AntiphonException why) {
        return ready.completeExceptionally(why);
    }

    /** The number at the server. Guarded by the link. */
    int number() {
        return number;
    }

    void number(int newNumber) {
        number = newNumber;
    }

    /** Leaves. Completes when everything received before was handed over, and nothing comes any more. Idempotent. */
    CompletableFuture<Void> leave() {
        synchronized (this) {
            if (left != null) {
                return left;
            }
            left = new CompletableFuture<>();
        }
        failed(new AntiphonException(ErrorCode.CLOSED, "the subscription was stopped", null, false, subject, null));
        link.unsubscribe(this, () -> whenDrained(() -> left().complete(null)));
        return left();
    }

    private synchronized CompletableFuture<Void> left() {
        return Objects.requireNonNull(left);
    }

    synchronized boolean isLeaving() {
        return left != null;
    }

    /** Calls back when everything that was received has been handed over. Called when no more is received. */
    abstract void whenDrained(Runnable callback);
}
