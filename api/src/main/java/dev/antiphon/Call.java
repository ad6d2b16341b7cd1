package dev.antiphon;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A request in flight. It ends exactly once: with the reply, or with an {@link AntiphonException} that says why there is
 * none. Thread-safe.
 *
 * <p>It is not a {@link CompletableFuture}, so nobody but the library can complete it. Dependent stages run on the
 * messenger's completion executor, never on a thread of the broker's client, unless the messenger was built with
 * {@link MessengerBuilder#completeOnTransportThread()}. When the call has already ended they run on the thread that
 * adds them.
 */
public interface Call extends CompletionStage<Message> {

    /** The id of the request; it appears in errors, and is unique among the requests of all messengers. */
    String id();

    /** The subject the request was sent to. */
    String subject();

    /** Whether the call has ended. */
    boolean isDone();

    /**
     * Waits for the reply. Works on any thread, handlers included.
     *
     * <p>An interrupt cancels the call, restores the thread's interrupted flag and throws {@code CANCELLED}.
     *
     * @return the reply
     * @throws AntiphonException why there is no reply
     */
    Message join();

    /**
     * Ends the call with {@code CANCELLED}, unless it has ended. Its place in the table and its permit are free when
     * this returns; a reply that still comes is a surplus reply.
     *
     * @return whether this call of {@code cancel} ended it
     */
    boolean cancel();

    /**
     * A future that ends as this call does. Cancelling it cancels the call; completing it in another way has no effect
     * on the call.
     */
    @Override
    CompletableFuture<Message> toCompletableFuture();
}
