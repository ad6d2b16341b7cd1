package dev.antiphon.spi;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to subscribe to.
 *
 * @param subject a subject or pattern, already checked
 * @param group the queue group, or null
 * @param maxUnsettled how many deliveries the engine takes before it settles some, refused ones included: a prefetch
 * @param runsUserCode whether the handler takes its time: it runs user code on the calling thread, or holds that thread up
 *     while its queue is full. Then the transport calls it serially, on a thread that serves this subscription alone and is
 *     not the publisher's. Otherwise the handler only hands over: it is fast, thread-safe and never blocks, so that it may be
 *     called on a thread that reads from the broker.
 */
public record SubscribeSpec(String subject, @Nullable String group, int maxUnsettled, boolean runsUserCode) {

    /** The queue group, if there is one. */
    public Optional<String> queueGroup() {
        return Optional.ofNullable(group);
    }
}
