package dev.antiphon;

import java.util.concurrent.CompletionStage;

/**
 * Stands around every request of a messenger: to log, measure, change or retry it. Runs on the caller's thread, and so
 * may not block. Interceptors run in the order they were added.
 *
 * <p>{@link Messenger#send} and each copy of a {@link Messenger#race} are requests like others. So is each subject of a {@link
 * Messenger#gather} and each subscription to a {@link Messenger#stream}, with two differences, since they have many replies:
 * <ul>
 *   <li>The replies and items pass beside the interceptor. The stage of {@code next.proceed} ends when no more of them come, with
 *       an empty message, or with the failure.
 *   <li>{@code next.proceed} can be called once; after that it fails with UNSUPPORTED. An interceptor that never calls it gives
 *       the only reply or item, or the failure, itself.
 * </ul>
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
