package dev.antiphon;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a responder serves. Immutable; begin with {@link #DEFAULTS}. */
public final class RespondOptions {

    /** No queue group, 256 handlers at once, 16 384 requests queued, reject beyond that. */
    public static final RespondOptions DEFAULTS = new RespondOptions(null, 256, 16_384, OverloadPolicy.REJECT, false);

    private final @Nullable String queueGroup;
    private final int concurrency;
    private final int queueLimit;
    private final OverloadPolicy onOverload;
    private final boolean sameThread;

    private RespondOptions(
            @Nullable String queueGroup,
            int concurrency,
            int queueLimit,
            OverloadPolicy onOverload,
            boolean sameThread) {
        this.queueGroup = queueGroup;
        this.concurrency = concurrency;
        this.queueLimit = queueLimit;
        this.onOverload = onOverload;
        this.sameThread = sameThread;
    }

    /** Options with this queue group and the defaults for the rest. */
    public static RespondOptions queueGroup(String queueGroup) {
        return DEFAULTS.withQueueGroup(queueGroup);
    }

    /** Joins this group: each request goes to one member. The name follows the rules of a subject without wildcards. */
    public RespondOptions withQueueGroup(String newQueueGroup) {
        return new RespondOptions(
                Objects.requireNonNull(newQueueGroup), concurrency, queueLimit, onOverload, sameThread);
    }

    /** How many requests are handled at once, 1 or more. An asynchronous handler's request counts until its stage ends. */
    public RespondOptions withConcurrency(int newConcurrency) {
        return new RespondOptions(
                queueGroup,
                MessengerOptions.checkPositive("concurrency", newConcurrency),
                queueLimit,
                onOverload,
                sameThread);
    }

    /** How many requests wait for a handler at most, 1 or more. */
    public RespondOptions withQueueLimit(int newQueueLimit) {
        return new RespondOptions(
                queueGroup,
                concurrency,
                MessengerOptions.checkPositive("queue limit", newQueueLimit),
                onOverload,
                sameThread);
    }

    /** What happens to a request that finds the queue full. */
    public RespondOptions withOnOverload(OverloadPolicy policy) {
        return new RespondOptions(queueGroup, concurrency, queueLimit, Objects.requireNonNull(policy), sameThread);
    }

    /**
     * Runs the handler on the transport's thread: the lowest latency, for handlers that never block. One request at a
     * time; concurrency and queue limit do not apply. A handler that blocks delays everything behind it.
     */
    public RespondOptions withSameThread(boolean newSameThread) {
        return new RespondOptions(queueGroup, concurrency, queueLimit, onOverload, newSameThread);
    }

    /** The queue group, if there is one. */
    public Optional<String> queueGroup() {
        return Optional.ofNullable(queueGroup);
    }

    /** How many requests are handled at once. */
    public int concurrency() {
        return concurrency;
    }

    /** How many requests wait for a handler at most. */
    public int queueLimit() {
        return queueLimit;
    }

    /** What happens to a request that finds the queue full. */
    public OverloadPolicy onOverload() {
        return onOverload;
    }

    /** Whether the handler runs on the transport's thread. */
    public boolean sameThread() {
        return sameThread;
    }
}
