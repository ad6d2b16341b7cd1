package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.GatherOptions;
import dev.antiphon.GatherResult;
import dev.antiphon.GatherResult.End;
import dev.antiphon.Message;
import dev.antiphon.spi.ReplyAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One request, many replies: a call ({@link Leg}) for each subject, all with the same deadline, and what they brought.
 *
 * <p>A leg is in the table like any call, and stays there while replies come; it ends with the gathering, or before if it
 * can bring nothing more. The gathering ends once, under its lock; the legs and the future end outside of it.
 */
final class Gathering {

    private final Requester requester;
    private final GatherOptions options;
    private final Result future = new Result();
    private final List<Leg> legs = new ArrayList<>();

    // -- Guarded by this --

    private final List<GatherResult.Reply> replies = new ArrayList<>();
    private final List<GatherResult.Failure> errors = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final Set<String> missing;
    private int legsLeft;
    private long lastReply;
    private @Nullable End end;
    private Alarms.@Nullable Alarm stall;

    Gathering(Requester requester, GatherOptions options, Collection<String> subjects) {
        this.requester = requester;
        this.options = options;
        missing = new LinkedHashSet<>(
                options.expected().isEmpty() && subjects.size() > 1 ? subjects : options.expected());
        legsLeft = subjects.size();
    }

    /** To be called for each subject, before {@link #start}. */
    void add(Leg leg) {
        legs.add(leg);
    }

    CompletableFuture<GatherResult> start() {
        synchronized (this) {
            lastReply = requester.alarms().now();
            watchStalling();
        }
        for (Leg leg : legs) {
            if (!isOver()) {
                requester.start(leg);
            }
        }
        return future;
    }

    private synchronized boolean isOver() {
        return end != null;
    }

    // -- What the legs bring --

    /** A reply came; false if it is of no use. */
    boolean take(Leg leg, Message reply) {
        String identity = ControlCodec.responder(reply);
        AntiphonException error = ControlCodec.error(reply);
        synchronized (this) {
            if (end != null || (!identity.isEmpty() && !seen.add(leg.subject() + ' ' + identity))) {
                return false;
            }
            String name = ControlCodec.nameOf(identity);
            lastReply = requester.alarms().now();
            missing.remove(options.expected().isEmpty() ? leg.subject() : name);
            if (error != null) {
                AntiphonException about = error.about(leg.subject(), leg.id());
                errors.add(new GatherResult.Failure(name, leg.subject(), about));
            } else {
                replies.add(new GatherResult.Reply(name, leg.subject(), ControlCodec.withoutControlHeaders(reply)));
            }
        }
        // The predicate is the user's: not under the lock.
        Message good = error == null ? ControlCodec.withoutControlHeaders(reply) : null;
        boolean until = good != null && options.until().isPresent() && isLast(good);
        endIf(until ? End.UNTIL : reached());
        return true;
    }

    private boolean isLast(Message reply) {
        try {
            return options.until().orElseThrow().test(reply);
        } catch (RuntimeException failure) {
            synchronized (this) {
                errors.add(new GatherResult.Failure(
                        "",
                        "",
                        new AntiphonException(ErrorCode.INTERNAL, "the predicate failed: " + failure, failure)));
            }
            return true;
        }
    }

    private synchronized @Nullable End reached() {
        if (replies.size() >= options.max()) {
            return End.ENOUGH;
        }
        boolean known = !options.expected().isEmpty() || legs.size() > 1;
        if (known && missing.isEmpty()) {
            return End.EVERYBODY;
        }
        if (stall == null) {
            watchStalling();
        }
        return null;
    }

    /** A leg has ended by itself. */
    void over(Leg leg, Ending how, Object result) {
        End why;
        synchronized (this) {
            legsLeft--;
            if (end != null) {
                return;
            }
            if (result instanceof AntiphonException failure && (how == Ending.FAILED || legs.size() > 1)) {
                if (how == Ending.FAILED || how == Ending.NO_RESPONDERS) {
                    errors.add(new GatherResult.Failure("", leg.subject(), failure));
                }
            }
            why = switch (how) {
                case TIMED_OUT -> End.TIMEOUT;
                case CLOSED -> End.CLOSED;
                case CANCELLED -> End.CANCELLED;
                default -> legsLeft > 0 ? null : lastLegOver(how);
            };
        }
        endIf(why);
    }

    /** Called under the lock: no leg can bring anything more. */
    private End lastLegOver(Ending how) {
        boolean nobody = how == Ending.NO_RESPONDERS
                && errors.stream().allMatch(error -> error.exception().code() == ErrorCode.NO_RESPONDERS);
        return nobody && replies.isEmpty() ? End.NO_RESPONDERS : replies.isEmpty() ? End.FAILED : End.EVERYBODY;
    }

    // -- Stalling --

    /** Called under the lock. */
    private void watchStalling() {
        if (options.stallTimeout().isPresent() && replies.size() >= options.min() && end == null) {
            long limit = options.stallTimeout().get().toNanos();
            long silent = requester.alarms().now() - lastReply;
            stall = requester.alarms().set(limit - silent, this::perhapsStalled);
        }
    }

    private void perhapsStalled() {
        boolean stalled;
        synchronized (this) {
            long limit = options.stallTimeout().orElseThrow().toNanos();
            stalled = requester.alarms().now() - lastReply >= limit;
            if (!stalled) {
                watchStalling();
            }
        }
        endIf(stalled ? End.STALLED : null);
    }

    // -- The end --

    private void endIf(@Nullable End why) {
        GatherResult result;
        synchronized (this) {
            if (why == null || end != null) {
                return;
            }
            end = why;
            if (stall != null) {
                stall.cancel();
            }
            result = new GatherResult(why, replies, errors, missing, replies.size() >= options.min());
        }
        endLegs();
        requester.complete(() -> future.complete(result));
    }

    private void endLegs() {
        for (Leg leg : legs) {
            leg.endWith(endingOfLegs());
        }
    }

    private synchronized Ending endingOfLegs() {
        if (end == End.TIMEOUT || end == End.STALLED) {
            return Ending.TIMED_OUT;
        }
        return end == End.CANCELLED ? Ending.CANCELLED : end == End.CLOSED ? Ending.CLOSED : Ending.REPLIED;
    }

    /** One subject. */
    static final class Leg extends FramedCall {

        private final Gathering gathering;
        private final Set<ReplyAddress> working = new LinkedHashSet<>();
        private volatile boolean registered;

        Leg(Gathering gathering, Requester requester, String subject, Message message, Terms terms) {
            super(requester, subject, message, terms);
            this.gathering = gathering;
        }

        @Override
        void registered() {
            super.registered();
            registered = true;
            if (gathering.isOver()) {
                endWith(gathering.endingOfLegs());
            }
        }

        /** The gathering has ended. What has not begun yet will end when it does. */
        void endWith(Ending how) {
            if (registered) {
                end(how, Message.empty());
                cancelResponders();
            }
        }

        @Override
        boolean receiveReply(Message reply) {
            return !isEnded() && gathering.take(this, reply);
        }

        @Override
        void accepted(@Nullable ReplyAddress from) {
            if (from != null) {
                synchronized (working) {
                    working.add(from);
                }
            }
        }

        /** Those that were heard of; who has answered already takes no notice. */
        private void cancelResponders() {
            List<ReplyAddress> all;
            synchronized (working) {
                all = List.copyOf(working);
                working.clear();
            }
            all.forEach(this::cancelAt);
        }

        @Override
        boolean end(Ending how, Object result) {
            boolean ended = super.end(how, result);
            if (ended) {
                gathering.over(this, how, result);
            }
            return ended;
        }

        @Override
        void endUnregistered(Ending how, AntiphonException failure) {
            super.endUnregistered(how, failure);
            gathering.over(this, how, failure);
        }
    }

    /** What the caller gets: cancelling it ends the gathering. */
    private final class Result extends CompletableFuture<GatherResult> {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            endIf(End.CANCELLED);
            return cancelled;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }
}
