package dev.antiphon.spi;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to subscribe to.
 *
 * @param subject a subject or pattern, already checked
 * @param group the queue group, or null
 * @param maxUnsettled how many deliveries the engine takes before it settles some: a hint for prefetch
 * @param runsUserCode whether the handler runs user code on the calling thread. Then the transport calls it serially, on
 *     a thread that serves this subscription alone and is not the publisher's. Otherwise the handler only hands over: it
 *     is fast, thread-safe and does not block, unless the engine pushes back.
 */
public record SubscribeSpec(String subject, @Nullable String group, int maxUnsettled, boolean runsUserCode) {

    /** The queue group, if there is one. */
    public Optional<String> queueGroup() {
        return Optional.ofNullable(group);
    }
}
