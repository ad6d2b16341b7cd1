package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The same request as several copies. The first good reply ends the race, and the other copies are cancelled. A copy whose
 * predecessors have all failed starts at once; the race fails when all copies have, with the failure of the first.
 */
final class RaceCall extends StagedCall {

    private final Requester requester;
    private final List<Function<RaceCall, Call>> starters;
    private final Pace pace;

    // -- Guarded by this --

    private final List<Call> copies = new ArrayList<>();
    private int begun;
    private int failed;
    private boolean over;
    private @Nullable AntiphonException firstFailure;
    private Alarms.@Nullable Alarm next;

    /** When the next copy starts. */
    interface Pace {
        /** How long to wait before it in nanoseconds; negative for as long as the others have not failed. */
        long delay();

        /** Whether it may start at all. */
        boolean mayStart();

        /** A copy was answered this long after the race began. */
        void won(long nanos);
    }

    /**
     * @param starters each starts a copy that reports its end with {@link #over}
     */
    RaceCall(Requester requester, String subject, List<Function<RaceCall, Call>> starters, Pace pace) {
        super(subject);
        this.requester = requester;
        this.starters = starters;
        this.pace = pace;
    }

    RaceCall start() {
        startNext();
        return this;
    }

    // -- Starting --

    /** Starts the next copy, and those after it that need not wait. */
    private void startNext() {
        boolean more = true;
        while (more) {
            Function<RaceCall, Call> starter = claim();
            if (starter == null) {
                return;
            }
            Call copy = starter.apply(this);
            synchronized (this) {
                copies.add(copy);
                more = !over;
            }
            if (more) {
                more = paceNext();
            } else {
                copy.cancel();
            }
        }
    }

    private synchronized @Nullable Function<RaceCall, Call> claim() {
        cancelNext();
        if (over || begun == starters.size() || (begun > 0 && !pace.mayStart())) {
            return null;
        }
        return starters.get(begun++);
    }

    /** Whether the next copy starts now; if not, sets the time for it. */
    private boolean paceNext() {
        long delay = pace.delay();
        synchronized (this) {
            if (over || begun == starters.size()) {
                return false;
            }
            if (delay > 0 && failed < begun) {
                next = requester.alarms().set(delay, () -> requester.complete(this::startNext));
            }
            return delay == 0 || failed == begun;
        }
    }

    private synchronized void cancelNext() {
        if (next != null) {
            next.cancel();
            next = null;
        }
    }

    // -- Ending --

    /** A copy has ended, this long after it was started. */
    void over(@Nullable Message reply, @Nullable Throwable failure, long nanos) {
        if (reply != null) {
            pace.won(nanos);
            end(reply, null);
            return;
        }
        AntiphonException why = (AntiphonException) Objects.requireNonNull(failure);
        boolean startsNext;
        synchronized (this) {
            failed++;
            firstFailure = firstFailure == null ? why : firstFailure;
            startsNext = !over && failed == begun && begun < starters.size() && why.code() != ErrorCode.CLOSED;
        }
        if (startsNext) {
            requester.complete(this::failOver);
        } else {
            endIfAllFailed();
        }
    }

    private void failOver() {
        startNext();
        endIfAllFailed();
    }

    private void endIfAllFailed() {
        AntiphonException failure;
        synchronized (this) {
            if (over || failed < begun) {
                return;
            }
            failure = Objects.requireNonNull(firstFailure);
        }
        end(null, failure);
    }

    private boolean end(@Nullable Message reply, @Nullable AntiphonException failure) {
        List<Call> losers;
        synchronized (this) {
            if (over) {
                return false;
            }
            over = true;
            cancelNext();
            losers = List.copyOf(copies);
        }
        losers.forEach(Call::cancel);
        requester.complete(() -> {
            if (reply != null) {
                stage().complete(reply);
            } else {
                stage().completeExceptionally(Objects.requireNonNull(failure));
            }
        });
        return true;
    }

    @Override
    public boolean cancel() {
        return end(
                null,
                new AntiphonException(
                        ErrorCode.CANCELLED, "the caller cancelled the race", null, true, subject(), id()));
    }

    @Override
    public synchronized String id() {
        return copies.isEmpty() ? "" : copies.get(0).id();
    }

    /** One copy of the request. */
    static final class Copy extends FramedCall {

        private final RaceCall race;

        Copy(RaceCall race, Requester requester, String subject, Message message, Terms terms) {
            super(requester, subject, message, terms);
            this.race = race;
        }

        @Override
        boolean end(Ending how, Object result) {
            boolean ended = super.end(how, result);
            if (ended) {
                long nanos = requester.alarms().now() - (deadline() - timeoutNanos());
                race.over(
                        result instanceof Message reply ? reply : null,
                        result instanceof AntiphonException failure ? failure : null,
                        nanos);
            }
            return ended;
        }

        @Override
        void endUnregistered(Ending how, AntiphonException failure) {
            super.endUnregistered(how, failure);
            race.over(null, failure, 0);
        }
    }
}
