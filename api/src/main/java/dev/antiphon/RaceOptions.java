package dev.antiphon;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a race between copies of a request is held. Immutable; begin with {@link #DEFAULTS}. */
public final class RaceOptions {

    /** All copies at once, each made with {@link RequestOptions#DEFAULTS}. */
    public static final RaceOptions DEFAULTS = new RaceOptions(RequestOptions.DEFAULTS, Duration.ZERO, null);

    private final RequestOptions request;
    private final Duration stagger;
    private final @Nullable Hedging hedging;

    private RaceOptions(RequestOptions request, Duration stagger, @Nullable Hedging hedging) {
        this.request = request;
        this.stagger = stagger;
        this.hedging = hedging;
    }

    /** How each copy is made; the timeout is for the whole race. */
    public RaceOptions withRequest(RequestOptions newRequest) {
        return new RaceOptions(Objects.requireNonNull(newRequest), stagger, hedging);
    }

    /**
     * How long each copy after the first waits for those before it. If all of those fail, it waits no longer.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is negative
     */
    public RaceOptions withStagger(Duration newStagger) {
        if (newStagger.isNegative()) {
            throw new AntiphonException(
                    ErrorCode.INVALID_ARGUMENT, "the stagger of a race must not be negative: " + newStagger);
        }
        return new RaceOptions(request, newStagger, hedging);
    }

    /** Sends copies beside the first only as this says, instead of the stagger. */
    public RaceOptions withHedging(Hedging newHedging) {
        return new RaceOptions(request, stagger, Objects.requireNonNull(newHedging));
    }

    /** How each copy is made. */
    public RequestOptions request() {
        return request;
    }

    /** How long each copy after the first waits. */
    public Duration stagger() {
        return stagger;
    }

    /** What decides about copies beside the first, if anything does. */
    public Optional<Hedging> hedging() {
        return Optional.ofNullable(hedging);
    }
}
