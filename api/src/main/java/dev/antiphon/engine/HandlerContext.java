package dev.antiphon.engine;

import dev.antiphon.RequestOptions;
import org.jspecify.annotations.Nullable;

/** Which request the calling thread is handling: requests made meanwhile inherit its deadline. */
final class HandlerContext {

    private static final ThreadLocal<@Nullable InboundRequest> CURRENT = new ThreadLocal<>();

    private HandlerContext() {}

    static @Nullable InboundRequest current() {
        return CURRENT.get();
    }

    /** Begins to handle; returns what {@link #leave} is to restore. */
    static @Nullable InboundRequest enter(InboundRequest request) {
        InboundRequest previous = CURRENT.get();
        CURRENT.set(request);
        return previous;
    }

    static void leave(@Nullable InboundRequest previous) {
        CURRENT.set(previous);
    }

    /** Options that name the request being handled as the one on whose behalf they are used, unless they name another. */
    static RequestOptions withAmbientParent(RequestOptions options) {
        InboundRequest ambient = current();
        return ambient == null || options.parent().isPresent() ? options : options.withParent(ambient);
    }
}
