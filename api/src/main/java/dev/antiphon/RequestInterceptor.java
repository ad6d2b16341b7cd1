package dev.antiphon;

import java.util.concurrent.CompletionStage;

/**
 * Stands around every request of a messenger: to log, measure, change or retry it. Runs on the caller's thread, and so
 * may not block. Interceptors run in the order they were added.
 */
@FunctionalInterface
public interface RequestInterceptor {

    /**
     * Makes the request by calling {@code next.proceed}, once, several times or not at all.
     *
     * @return how the call ends; {@code next.proceed}'s stage, or one derived from it
     */
    CompletionStage<Message> intercept(OutgoingRequest request, Next next);

    /** What comes after the interceptor. */
    @FunctionalInterface
    interface Next {
        /** Sends the request. Each call sends one; the returned stage never ends later than the request's timeout. */
        CompletionStage<Message> proceed(OutgoingRequest request);
    }
}
