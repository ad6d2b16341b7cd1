package dev.antiphon;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How one request is made. Immutable; begin with {@link #DEFAULTS}. */
public final class RequestOptions {

    /** The messenger's defaults for everything. */
    public static final RequestOptions DEFAULTS = new RequestOptions(null, null, false, null);

    private final @Nullable Duration timeout;
    private final @Nullable DisconnectPolicy onDisconnect;
    private final boolean idempotent;
    private final @Nullable Request parent;

    private RequestOptions(
            @Nullable Duration timeout,
            @Nullable DisconnectPolicy onDisconnect,
            boolean idempotent,
            @Nullable Request parent) {
        this.timeout = timeout;
        this.onDisconnect = onDisconnect;
        this.idempotent = idempotent;
        this.parent = parent;
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
        return new RequestOptions(
                MessengerOptions.checkTimeout("timeout", newTimeout), onDisconnect, idempotent, parent);
    }

    /** What happens to the request when the connection is lost before the reply has come. */
    public RequestOptions withOnDisconnect(DisconnectPolicy policy) {
        return new RequestOptions(timeout, Objects.requireNonNull(policy), idempotent, parent);
    }

    /** Declares that handling the request twice does no harm, which allows it to be sent again. */
    public RequestOptions withIdempotent(boolean newIdempotent) {
        return new RequestOptions(timeout, onDisconnect, newIdempotent, parent);
    }

    /**
     * Makes the request on behalf of {@code parent}: it inherits what is left of the parent's deadline, if that is
     * sooner. Needed only outside of the handler's own thread; there the parent is known.
     */
    public RequestOptions withParent(Request newParent) {
        return new RequestOptions(timeout, onDisconnect, idempotent, Objects.requireNonNull(newParent));
    }

    /** The timeout, or empty for the messenger's default. */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    /** The policy on connection loss, or empty for the messenger's default. */
    public Optional<DisconnectPolicy> onDisconnect() {
        return Optional.ofNullable(onDisconnect);
    }

    /** Whether handling the request twice does no harm. */
    public boolean idempotent() {
        return idempotent;
    }

    /** The request on whose behalf this one is made, if it was given. */
    public Optional<Request> parent() {
        return Optional.ofNullable(parent);
    }
}
