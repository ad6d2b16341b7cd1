package dev.antiphon;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a responder serves. Immutable; begin with {@link #DEFAULTS}. */
public final class RespondOptions {

    /** No queue group, 256 handlers at once, 16 384 requests queued, reject beyond that. */
    public static final RespondOptions DEFAULTS = new RespondOptions(new Draft());

    private final @Nullable String queueGroup;
    private final int concurrency;
    private final int queueLimit;
    private final OverloadPolicy onOverload;
    private final boolean sameThread;
    private final boolean autoAccept;
    private final boolean interruptOnCancel;
    private final @Nullable Dedup dedup;

    private static final class Draft {
        @Nullable
        String queueGroup;

        int concurrency = 256;
        int queueLimit = 16_384;
        OverloadPolicy onOverload = OverloadPolicy.REJECT;
        boolean sameThread;
        boolean autoAccept = true;
        boolean interruptOnCancel;

        @Nullable
        Dedup dedup;
    }

    private RespondOptions(Draft draft) {
        queueGroup = draft.queueGroup;
        concurrency = draft.concurrency;
        queueLimit = draft.queueLimit;
        onOverload = draft.onOverload;
        sameThread = draft.sameThread;
        autoAccept = draft.autoAccept;
        interruptOnCancel = draft.interruptOnCancel;
        dedup = draft.dedup;
    }

    private RespondOptions with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.queueGroup = queueGroup;
        draft.concurrency = concurrency;
        draft.queueLimit = queueLimit;
        draft.onOverload = onOverload;
        draft.sameThread = sameThread;
        draft.autoAccept = autoAccept;
        draft.interruptOnCancel = interruptOnCancel;
        draft.dedup = dedup;
        change.accept(draft);
        return new RespondOptions(draft);
    }

    /** Options with this queue group and the defaults for the rest. */
    public static RespondOptions queueGroup(String queueGroup) {
        return DEFAULTS.withQueueGroup(queueGroup);
    }

    /** Joins this group: each request goes to one member. The name follows the rules of a subject without wildcards. */
    public RespondOptions withQueueGroup(String newQueueGroup) {
        Objects.requireNonNull(newQueueGroup);
        return with(draft -> draft.queueGroup = newQueueGroup);
    }

    /** How many requests are handled at once, 1 or more. An asynchronous handler's request counts until its stage ends. */
    public RespondOptions withConcurrency(int newConcurrency) {
        int checked = MessengerOptions.checkPositive("concurrency", newConcurrency);
        return with(draft -> draft.concurrency = checked);
    }

    /** How many requests wait for a handler at most, 1 or more. */
    public RespondOptions withQueueLimit(int newQueueLimit) {
        int checked = MessengerOptions.checkPositive("queue limit", newQueueLimit);
        return with(draft -> draft.queueLimit = checked);
    }

    /** What happens to a request that finds the queue full. */
    public RespondOptions withOnOverload(OverloadPolicy policy) {
        Objects.requireNonNull(policy);
        return with(draft -> draft.onOverload = policy);
    }

    /**
     * Runs the handler on the transport's thread: the lowest latency, for handlers that never block. One request at a
     * time; concurrency and queue limit do not apply. A handler that blocks delays everything behind it.
     */
    public RespondOptions withSameThread(boolean newSameThread) {
        return with(draft -> draft.sameThread = newSameThread);
    }

    /**
     * Whether requesters that want to know are told that their request is accepted when the handler is called. If not,
     * the handler says so with {@link Request#accept}: when it has stored the request, for instance.
     */
    public RespondOptions withAutoAccept(boolean newAutoAccept) {
        return with(draft -> draft.autoAccept = newAutoAccept);
    }

    /**
     * Whether the thread that runs the handler is interrupted when its request is cancelled. Not with {@link
     * #withSameThread}, and not once the handler has returned its stage.
     */
    public RespondOptions withInterruptOnCancel(boolean newInterruptOnCancel) {
        return with(draft -> draft.interruptOnCancel = newInterruptOnCancel);
    }

    /** Handles requests with the same idempotency key once. Not for streams. */
    public RespondOptions withDedup(Dedup newDedup) {
        Objects.requireNonNull(newDedup);
        return with(draft -> draft.dedup = newDedup);
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

    /** Whether a request is accepted when its handler is called. */
    public boolean autoAccept() {
        return autoAccept;
    }

    /** How requests with the same idempotency key are recognized, if they are. */
    public Optional<Dedup> dedup() {
        return Optional.ofNullable(dedup);
    }

    /** Whether the handler's thread is interrupted when its request is cancelled. */
    public boolean interruptOnCancel() {
        return interruptOnCancel;
    }
}
