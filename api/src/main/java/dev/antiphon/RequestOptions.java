package dev.antiphon;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How one request is made. Immutable; begin with {@link #DEFAULTS}. */
public final class RequestOptions {

    /** The messenger's defaults for everything. */
    public static final RequestOptions DEFAULTS = new RequestOptions(new Draft());

    private final @Nullable Duration timeout;
    private final @Nullable Duration acceptTimeout;
    private final @Nullable DisconnectPolicy onDisconnect;
    private final boolean idempotent;
    private final boolean cancellable;
    private final @Nullable Request parent;
    private final @Nullable Consumer<Message> onProgress;
    private final @Nullable String idempotencyKey;

    private static final class Draft {
        @Nullable
        Duration timeout;

        @Nullable
        Duration acceptTimeout;

        @Nullable
        DisconnectPolicy onDisconnect;

        boolean idempotent;
        boolean cancellable;

        @Nullable
        Request parent;

        @Nullable
        Consumer<Message> onProgress;

        @Nullable
        String idempotencyKey;
    }

    private RequestOptions(Draft draft) {
        timeout = draft.timeout;
        acceptTimeout = draft.acceptTimeout;
        onDisconnect = draft.onDisconnect;
        idempotent = draft.idempotent;
        cancellable = draft.cancellable;
        parent = draft.parent;
        onProgress = draft.onProgress;
        idempotencyKey = draft.idempotencyKey;
    }

    private RequestOptions with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.timeout = timeout;
        draft.acceptTimeout = acceptTimeout;
        draft.onDisconnect = onDisconnect;
        draft.idempotent = idempotent;
        draft.cancellable = cancellable;
        draft.parent = parent;
        draft.onProgress = onProgress;
        draft.idempotencyKey = idempotencyKey;
        change.accept(draft);
        return new RequestOptions(draft);
    }

    /** Options with this timeout and the defaults for the rest. */
    public static RequestOptions timeout(Duration timeout) {
        return DEFAULTS.withTimeout(timeout);
    }

    /**
     * The time from the call of {@code request} to the end of the call at the latest; more than zero and at most
     * {@link MessengerOptions#MAX_TIMEOUT}. Waiting for a permit or for a connection is part of it.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is out of range
     */
    public RequestOptions withTimeout(Duration newTimeout) {
        Duration checked = MessengerOptions.checkTimeout("timeout", newTimeout);
        return with(draft -> draft.timeout = checked);
    }

    /**
     * The time until a handler must have begun with the request; when it is over the call ends with TIMEOUT, although its
     * timeout may be much longer. The responder must be one of this library; a plain reply in time serves as well.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is out of range, as for {@link #withTimeout}
     */
    public RequestOptions withAcceptTimeout(Duration newTimeout) {
        Duration checked = MessengerOptions.checkTimeout("accept timeout", newTimeout);
        return with(draft -> draft.acceptTimeout = checked);
    }

    /**
     * Gets what the handler says with {@link Request#progress}: one call at a time, in order, on the messenger's
     * completion executor, and not after the call has ended. What a slow consumer leaves waiting for long is dropped.
     */
    public RequestOptions withOnProgress(Consumer<Message> consumer) {
        Objects.requireNonNull(consumer);
        return with(draft -> draft.onProgress = consumer);
    }

    /**
     * Tells the responder when the call is cancelled or times out, so that it can stop working: see {@link
     * Request#isCancelled}. It costs one more message, from the responder when its handler begins. An accept timeout, a
     * consumer of progress, and being made within the handler of a request that can be cancelled imply it.
     */
    public RequestOptions withCancellable(boolean newCancellable) {
        return with(draft -> draft.cancellable = newCancellable);
    }

    /** What happens to the request when the connection is lost before the reply has come. */
    public RequestOptions withOnDisconnect(DisconnectPolicy policy) {
        Objects.requireNonNull(policy);
        return with(draft -> draft.onDisconnect = policy);
    }

    /**
     * Declares that handling the request twice does no harm, which allows it to be sent again: by {@link
     * DisconnectPolicy#RESEND}, and when its responder leaves before it has answered.
     */
    public RequestOptions withIdempotent(boolean newIdempotent) {
        return with(draft -> draft.idempotent = newIdempotent);
    }

    /**
     * Names the piece of work, so that a responder can recognize it when it comes twice: see {@link Dedup}. It also declares
     * the request idempotent, so the responder had better do that.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is empty or longer than 200 characters
     */
    public RequestOptions withIdempotencyKey(String key) {
        if (key.isEmpty() || key.length() > 200) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT, "an idempotency key has 1 to 200 characters, not " + key.length());
        }
        return with(draft -> {
            draft.idempotencyKey = key;
            draft.idempotent = true;
        });
    }

    /**
     * Makes the request on behalf of {@code parent}: it inherits what is left of the parent's deadline, if that is
     * sooner, and is cancelled with it. Needed only outside of the handler's own thread; there the parent is known.
     */
    public RequestOptions withParent(Request newParent) {
        Objects.requireNonNull(newParent);
        return with(draft -> draft.parent = newParent);
    }

    /** The timeout, or empty for the messenger's default. */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    /** The time until a handler must have begun, or empty for no such limit. */
    public Optional<Duration> acceptTimeout() {
        return Optional.ofNullable(acceptTimeout);
    }

    /** Who gets the progress, if anybody does. */
    public Optional<Consumer<Message>> onProgress() {
        return Optional.ofNullable(onProgress);
    }

    /** Whether the responder is told when the call is cancelled or times out. */
    public boolean cancellable() {
        return cancellable;
    }

    /** The policy on connection loss, or empty for the messenger's default. */
    public Optional<DisconnectPolicy> onDisconnect() {
        return Optional.ofNullable(onDisconnect);
    }

    /** Whether handling the request twice does no harm. */
    public boolean idempotent() {
        return idempotent;
    }

    /** What names the piece of work, if anything does. */
    public Optional<String> idempotencyKey() {
        return Optional.ofNullable(idempotencyKey);
    }

    /** The request on whose behalf this one is made, if it was given. */
    public Optional<Request> parent() {
        return Optional.ofNullable(parent);
    }
}
