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
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
    private final boolean several;
    private final Result future = new Result();

    // -- Guarded by this --

    private final List<Leg> legs = new ArrayList<>();
    private final List<GatherResult.Reply> replies = new ArrayList<>();
    private final List<GatherResult.Failure> errors = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    /** Who is expected and was not heard of. */
    private final Set<String> missing;
    /** Of those, who may still be. */
    private final Set<String> awaited;

    private int legsLeft;
    private long lastReply;
    private @Nullable End end;
    private Alarms.@Nullable Alarm stall;

    Gathering(Requester requester, GatherOptions options, Collection<String> subjects) {
        this.requester = requester;
        this.options = options;
        several = subjects.size() > 1;
        missing = new LinkedHashSet<>(options.expected().isEmpty() && several ? subjects : options.expected());
        awaited = new HashSet<>(missing);
        legsLeft = subjects.size();
    }

    /** Before the first leg. */
    synchronized void start() {
        lastReply = requester.alarms().now();
        watchStalling();
    }

    CompletableFuture<GatherResult> future() {
        return future;
    }

    /** Starts a leg, unless the gathering is over; the stage ends when the leg can bring nothing more. */
    CompletionStage<Message> begin(Leg leg) {
        synchronized (this) {
            if (end != null) {
                return CompletableFuture.failedFuture(
                        new AntiphonException(ErrorCode.CANCELLED, "the gathering is over"));
            }
            legs.add(leg);
        }
        return requester.start(leg);
    }

    private synchronized boolean isOver() {
        return end != null;
    }

    // -- What the legs bring --

    /** A reply came; false if it is of no use. */
    private boolean take(Leg leg, Message reply) {
        AntiphonException error = ControlCodec.error(reply);
        return take(leg.asked, leg.subject(), reply, error == null ? null : error.about(leg.subject(), leg.id()));
    }

    private boolean take(String asked, String subject, Message reply, @Nullable AntiphonException error) {
        String identity = ControlCodec.responder(reply);
        synchronized (this) {
            boolean enough = end != null || replies.size() >= options.max(); // it ends soon: see reached()
            if (enough || (!identity.isEmpty() && !seen.add(subject + ' ' + identity))) {
                return false;
            }
            String name = ControlCodec.nameOf(identity);
            lastReply = requester.alarms().now();
            String who = options.expected().isEmpty() ? asked : name;
            missing.remove(who);
            awaited.remove(who);
            if (error != null) {
                errors.add(new GatherResult.Failure(name, subject, error));
            } else {
                replies.add(new GatherResult.Reply(name, subject, ControlCodec.withoutControlHeaders(reply)));
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
        if (nobodyIsAwaited()) {
            return End.EVERYBODY;
        }
        if (stall == null) {
            watchStalling();
        }
        return null;
    }

    /** Called under the lock. */
    private boolean nobodyIsAwaited() {
        return awaited.isEmpty() && (several || !options.expected().isEmpty());
    }

    /** There is no leg for this subject: an interceptor gave the only reply, or failed. */
    void answered(String subject, @Nullable Message reply, @Nullable AntiphonException failure) {
        if (reply != null) {
            take(subject, subject, reply, null);
            over(subject, Ending.REPLIED, reply);
        } else {
            over(subject, Ending.FAILED, Objects.requireNonNull(failure));
        }
    }

    /** What was asked for at a subject can bring nothing more. */
    private void over(String subject, Ending how, Object result) {
        End why;
        synchronized (this) {
            legsLeft--;
            if (options.expected().isEmpty()) {
                awaited.remove(subject);
            }
            if (end != null) {
                return;
            }
            boolean tells = how == Ending.FAILED || (how == Ending.NO_RESPONDERS && several);
            if (tells && result instanceof AntiphonException failure) {
                errors.add(new GatherResult.Failure("", subject, failure));
            }
            why = switch (how) {
                case TIMED_OUT -> End.TIMEOUT;
                case CLOSED -> End.CLOSED;
                case CANCELLED -> End.CANCELLED;
                default -> legsLeft == 0 ? lastLegOver(how) : nobodyIsAwaited() ? End.EVERYBODY : null;
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
        List<Leg> all;
        synchronized (this) {
            all = List.copyOf(legs);
        }
        all.forEach(leg -> leg.endWith(endingOfLegs()));
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
        private final String asked;
        private final Set<ReplyAddress> working = new LinkedHashSet<>();
        private volatile boolean registered;

        /**
         * @param asked the subject that the caller named; an interceptor may have sent the request to another one
         */
        Leg(Gathering gathering, String asked, Requester requester, String subject, Message message, Terms terms) {
            super(requester, subject, message, terms);
            this.gathering = gathering;
            this.asked = asked;
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
                cancelRest();
            }
        }

        @Override
        boolean receiveReply(Message reply) {
            return !isEnded() && gathering.take(this, reply);
        }

        /** One that begins when the gathering has just ended is told like those that begin later, by the requester. */
        @Override
        void accepted(@Nullable ReplyAddress from) {
            if (from != null) {
                synchronized (working) {
                    working.add(from);
                }
                if (isEnded()) {
                    cancelRest();
                }
            }
        }

        /** Those that were heard of; who has answered already takes no notice. */
        private void cancelRest() {
            if (remembered(ending()).replied()) {
                return;
            }
            List<ReplyAddress> all;
            synchronized (working) {
                all = List.copyOf(working);
                working.clear();
            }
            all.forEach(this::cancelAt);
        }

        /** Who begins only now is to be told that nobody waits, if that was asked for. */
        @Override
        Ending remembered(Ending how) {
            return how == Ending.REPLIED && gathering.options.cancelRest() ? Ending.CANCELLED : how;
        }

        @Override
        boolean end(Ending how, Object result) {
            boolean ended = super.end(how, result);
            if (ended) {
                gathering.over(asked, how, result);
            }
            return ended;
        }

        @Override
        void endUnregistered(Ending how, AntiphonException failure) {
            super.endUnregistered(how, failure);
            gathering.over(asked, how, failure);
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
