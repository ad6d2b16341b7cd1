package dev.antiphon;

import org.jspecify.annotations.Nullable;

/**
 * Answers requests. May block; is called concurrently up to {@link RespondOptions#concurrency()}.
 *
 * @see AsyncRequestHandler
 */
@FunctionalInterface
public interface RequestHandler {

    /**
     * Answers one request.
     *
     * @return the reply; null stands for an empty reply
     * @throws Exception to answer with an error reply: its message, and its code if it is a {@link RemoteException}
     */
    @Nullable
    Message handle(Request request) throws Exception;
}
