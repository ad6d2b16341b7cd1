package dev.antiphon;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Stands around every handler of a messenger's responders. Runs on the handler's thread. Interceptors run in the order
 * they were added.
 */
@FunctionalInterface
public interface ResponderInterceptor {

    /**
     * Answers the request by calling {@code next.proceed}, or without it.
     *
     * @return the reply; {@code next.proceed}'s stage, or one derived from it
     * @throws Exception to answer with an error reply
     */
    CompletionStage<? extends @Nullable Message> intercept(Request request, Next next) throws Exception;

    /** What comes after the interceptor. */
    @FunctionalInterface
    interface Next {
        /** Runs the handler. */
        CompletionStage<? extends @Nullable Message> proceed(Request request) throws Exception;
    }
}
