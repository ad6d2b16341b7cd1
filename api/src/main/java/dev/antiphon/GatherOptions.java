package dev.antiphon;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** When a gathering of replies ends. Whatever comes first ends it. Immutable; begin with {@link #DEFAULTS}. */
public final class GatherOptions {

    /** The messenger's timeout, at most 10 000 replies, and nothing else. */
    public static final GatherOptions DEFAULTS = new GatherOptions(new Draft());

    private final @Nullable Duration timeout;
    private final @Nullable Duration stallTimeout;
    private final int min;
    private final int max;
    private final @Nullable Predicate<Message> until;
    private final Set<String> expected;
    private final boolean cancelRest;

    private static final class Draft {
        @Nullable
        Duration timeout;

        @Nullable
        Duration stallTimeout;

        int min;
        int max = 10_000;

        @Nullable
        Predicate<Message> until;

        Set<String> expected = Set.of();
        boolean cancelRest;
    }

    private GatherOptions(Draft draft) {
        timeout = draft.timeout;
        stallTimeout = draft.stallTimeout;
        min = draft.min;
        max = draft.max;
        until = draft.until;
        expected = draft.expected;
        cancelRest = draft.cancelRest;
    }

    private GatherOptions with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.timeout = timeout;
        draft.stallTimeout = stallTimeout;
        draft.min = min;
        draft.max = max;
        draft.until = until;
        draft.expected = expected;
        draft.cancelRest = cancelRest;
        change.accept(draft);
        return new GatherOptions(draft);
    }

    /**
     * The time for all of it.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is zero or less, or more than {@link MessengerOptions#MAX_TIMEOUT}
     */
    public GatherOptions withTimeout(Duration newTimeout) {
        Duration checked = MessengerOptions.checkTimeout("timeout", newTimeout);
        return with(draft -> draft.timeout = checked);
    }

    /**
     * How long to wait for one more reply, once there are as many as {@link #withMin} says.
     *
     * @throws AntiphonException INVALID_ARGUMENT when it is out of range, as for {@link #withTimeout}
     */
    public GatherOptions withStallTimeout(Duration newTimeout) {
        Duration checked = MessengerOptions.checkTimeout("stall timeout", newTimeout);
        return with(draft -> draft.stallTimeout = checked);
    }

    /** How many replies are needed; the stall timeout does not count before, and the result says whether they came. */
    public GatherOptions withMin(int newMin) {
        if (newMin < 0) {
            throw new AntiphonException(ErrorCode.INVALID_ARGUMENT, "min must be 0 or more, not " + newMin);
        }
        return with(draft -> draft.min = newMin);
    }

    /** With how many replies it ends, 1 or more; error replies do not count. It bounds what is kept in memory. */
    public GatherOptions withMax(int newMax) {
        int checked = MessengerOptions.checkPositive("max", newMax);
        return with(draft -> draft.max = checked);
    }

    /** It ends with the first reply that this is true of, which is part of the result. Called on a thread of the transport. */
    public GatherOptions withUntil(Predicate<Message> newUntil) {
        Objects.requireNonNull(newUntil);
        return with(draft -> draft.until = newUntil);
    }

    /**
     * The names of the responders' messengers, as {@link MessengerBuilder#name} gave them; it ends when each has answered,
     * and the result tells who has not. Only responders of this library have a name.
     */
    public GatherOptions withExpected(Set<String> names) {
        Set<String> copy = Set.copyOf(names);
        return with(draft -> draft.expected = copy);
    }

    /**
     * Whether responders that still work are told when it ends, and those that begin only then as soon as they do. It costs one
     * more message from each responder.
     */
    public GatherOptions withCancelRest(boolean newCancelRest) {
        return with(draft -> draft.cancelRest = newCancelRest);
    }

    /** The time for all of it, or empty for the messenger's default. */
    public Optional<Duration> timeout() {
        return Optional.ofNullable(timeout);
    }

    /** How long to wait for one more reply, or empty for no such limit. */
    public Optional<Duration> stallTimeout() {
        return Optional.ofNullable(stallTimeout);
    }

    /** How many replies are needed. */
    public int min() {
        return min;
    }

    /** With how many replies it ends. */
    public int max() {
        return max;
    }

    /** With which reply it ends. */
    public Optional<Predicate<Message>> until() {
        return Optional.ofNullable(until);
    }

    /** Who is expected to answer; empty if that is not known. */
    public Set<String> expected() {
        return expected;
    }

    /** Whether responders that still work are told when it ends. */
    public boolean cancelRest() {
        return cancelRest;
    }
}
