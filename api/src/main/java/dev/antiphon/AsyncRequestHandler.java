package dev.antiphon;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Answers requests later: the request is answered, and its place among the concurrent ones is free, when the returned
 * stage ends. Is called concurrently up to {@link RespondOptions#concurrency()}.
 */
@FunctionalInterface
public interface AsyncRequestHandler {

    /**
     * Begins to answer one request.
     *
     * @return a stage that ends with the reply (null stands for an empty reply) or fails with what would have been
     *     thrown
     * @throws Exception to answer with an error reply at once
     */
    CompletionStage<? extends @Nullable Message> handle(Request request) throws Exception;
}
