package dev.antiphon;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a subscriber receives. Immutable; begin with {@link #DEFAULTS}. */
public final class SubscribeOptions {

    /** No queue group, 65 536 messages queued, drop beyond that. */
    public static final SubscribeOptions DEFAULTS = new SubscribeOptions(null, 65_536, OverloadPolicy.REJECT, false);

    private final @Nullable String queueGroup;
    private final int queueLimit;
    private final OverloadPolicy onOverload;
    private final boolean sameThread;

    private SubscribeOptions(
            @Nullable String queueGroup, int queueLimit, OverloadPolicy onOverload, boolean sameThread) {
        this.queueGroup = queueGroup;
        this.queueLimit = queueLimit;
        this.onOverload = onOverload;
        this.sameThread = sameThread;
    }

    /** Options with this queue group and the defaults for the rest. */
    public static SubscribeOptions queueGroup(String queueGroup) {
        return DEFAULTS.withQueueGroup(queueGroup);
    }

    /** Joins this group: each message goes to one member. The name follows the rules of a subject without wildcards. */
    public SubscribeOptions withQueueGroup(String newQueueGroup) {
        return new SubscribeOptions(Objects.requireNonNull(newQueueGroup), queueLimit, onOverload, sameThread);
    }

    /** How many messages wait for the handler at most, 1 or more. */
    public SubscribeOptions withQueueLimit(int newQueueLimit) {
        return new SubscribeOptions(
                queueGroup, MessengerOptions.checkPositive("queue limit", newQueueLimit), onOverload, sameThread);
    }

    /** What happens to a message that finds the queue full. */
    public SubscribeOptions withOnOverload(OverloadPolicy policy) {
        return new SubscribeOptions(queueGroup, queueLimit, Objects.requireNonNull(policy), sameThread);
    }

    /** Runs the handler on the transport's thread: the lowest latency, for handlers that never block. */
    public SubscribeOptions withSameThread(boolean newSameThread) {
        return new SubscribeOptions(queueGroup, queueLimit, onOverload, newSameThread);
    }

    /** The queue group, if there is one. */
    public Optional<String> queueGroup() {
        return Optional.ofNullable(queueGroup);
    }

    /** How many messages wait for the handler at most. */
    public int queueLimit() {
        return queueLimit;
    }

    /** What happens to a message that finds the queue full. */
    public OverloadPolicy onOverload() {
        return onOverload;
    }

    /** Whether the handler runs on the transport's thread. */
    public boolean sameThread() {
        return sameThread;
    }
}
