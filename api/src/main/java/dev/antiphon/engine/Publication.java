package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.Transport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A message being published. Its future ends on the completion executor if somebody may depend on it already. */
final class Publication implements SendCallback {

    private final String subject;
    private final CompletableFuture<Void> future = new CompletableFuture<>();
    private final @Nullable Executor completions;
    /** Until the future has been handed to the caller nobody can depend on it, and it may end on any thread. */
    private boolean handedOut;

    private Publication(String subject, @Nullable Executor completions) {
        this.subject = subject;
        this.completions = completions;
    }

    static CompletableFuture<Void> send(
            Transport transport, String subject, Message message, @Nullable Executor completions) {
        Publication publication = new Publication(subject, completions);
        try {
            transport.publish(new OutboundMessage(subject, message, 0), publication);
        } catch (AntiphonException failure) {
            publication.onFailed(failure);
        } catch (RuntimeException failure) {
            publication.onFailed(
                    new AntiphonException(ErrorCode.INTERNAL, "the transport failed: " + failure, failure));
        }
        return publication.handOut();
    }

    private synchronized CompletableFuture<Void> handOut() {
        handedOut = true;
        return future;
    }

    /** Ends the future if it has not been handed out. The lock keeps it from being handed out meanwhile. */
    private synchronized boolean endBefore(@Nullable AntiphonException failure) {
        if (!handedOut) {
            complete(failure);
        }
        return !handedOut;
    }

    @Override
    public void onSent() {
        end(null);
    }

    @Override
    public void onFailed(AntiphonException failure) {
        end(failure.about(subject, null));
    }

    private void end(@Nullable AntiphonException failure) {
        if (endBefore(failure)) {
            return;
        }
        if (completions != null) {
            completions.execute(() -> complete(failure));
        } else {
            complete(failure);
        }
    }

    private void complete(@Nullable AntiphonException failure) {
        if (failure == null) {
            future.complete(null);
        } else {
            future.completeExceptionally(failure);
        }
    }
}
