package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.Request;
import dev.antiphon.RequestOptions;
import dev.antiphon.SurplusReply;
import dev.antiphon.spi.CorrelationId;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.ReplyAddress;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.ReplyHandler;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The requester's half of request-reply: from the caller's thread to the reply channel, and from the reply channel back
 * to the call. Read it from top to bottom: {@link #request}, {@link #send}, {@link #onReply}, {@link #release},
 * {@link #complete}.
 *
 * <p>A request takes a permit, enters the table, arms its timer, and only then is sent, so that a reply may overtake the
 * end of the send. However it ends, {@link PendingCall#end} lets one thread win, and {@link #release} undoes what was
 * done.
 */
final class Requester implements ReplyHandler {

    private static final int TOMBSTONES = 8192;
    /** A call that is in the table this long after its deadline will never end. */
    private static final long OVERDUE_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final EngineSettings settings;
    private final LongSupplier clock;
    private final Counters counters;
    private final Hooks hooks;
    private final @Nullable Executor completions;
    private final CorrelationSequence ids;
    private final CallTable table;
    private final TimerWheel wheel;
    private final Tombstones tombstones = new Tombstones(TOMBSTONES);
    private final Semaphore permits;
    private final ControlCodec codec = new ControlCodec();
    private final LongSupplier nextId;
    private final Alarms alarms;
    private final Exchanges exchanges;

    private @Nullable ReplyChannel channel;
    private IntSupplier connectionEpoch = () -> 0;
    private Runnable wakeTicker = () -> {};
    private DisconnectPolicy defaultOnDisconnect = DisconnectPolicy.FAIL;
    private String timeoutNote = "";
    private volatile long coarseNow;
    private volatile @Nullable AntiphonException closed;

    /**
     * @param completions runs dependents of calls; null for the thread that ends the call
     */
    Requester(
            EngineSettings settings,
            LongSupplier clock,
            Counters counters,
            Hooks hooks,
            @Nullable Executor completions,
            CorrelationSequence ids) {
        this.settings = settings;
        this.clock = clock;
        this.counters = counters;
        this.hooks = hooks;
        this.completions = completions;
        this.ids = ids;
        nextId = ids::next;
        alarms = new Alarms(clock);
        exchanges = new Exchanges(nextId, counters, alarms);
        table = new CallTable(settings.maxInFlight());
        coarseNow = clock.getAsLong();
        wheel = new TimerWheel(coarseNow);
        permits = new Semaphore(settings.maxInFlight());
    }

    /** Connects this requester with what is there only once the transport has started. Before the first request. */
    void open(
            ReplyChannel newChannel,
            IntSupplier newConnectionEpoch,
            Runnable newWakeTicker,
            DisconnectPolicy transportsPolicy) {
        channel = newChannel;
        exchanges.open(newChannel);
        alarms.open(newWakeTicker);
        connectionEpoch = newConnectionEpoch;
        wakeTicker = newWakeTicker;
        defaultOnDisconnect = settings.onDisconnect() == null ? transportsPolicy : settings.onDisconnect();
    }

    /** The transport can not tell that nobody serves a subject: a timeout may mean that. Before the first request. */
    void respondersAreUnknown() {
        timeoutNote = "; this transport can not tell whether anybody serves the subject";
    }

    // -- Out --

    /** Makes a request whose arguments were checked. */
    PendingCall request(String subject, Message message, RequestOptions options) {
        long start = clock.getAsLong();
        return start(newCall(subject, message, options, start));
    }

    /** Starts a call that was just made. */
    <C extends PendingCall> C start(C call) {
        if (call.timeoutNanos() <= 0) {
            refuse(call, Ending.TIMED_OUT, timeoutOf(call, false));
            return call;
        }
        if (!permits.tryAcquire() && !awaitPermit(call)) {
            return call;
        }
        table.insert(call, nextId);
        wheel.arm(call);
        wakeTicker.run();
        if (call instanceof FramedCall framed) {
            framed.registered();
        }
        counters.requestsSent.increment();
        AntiphonException failure = closed;
        if (failure != null) {
            call.end(Ending.CLOSED, failure.about(call.subject(), call.id()));
        } else {
            send(call, call.timeoutNanos());
        }
        return call;
    }

    private PendingCall newCall(String subject, Message message, RequestOptions options, long start) {
        Request parent = options.parent().orElse(HandlerContext.current());
        if (!ControlCodec.isPlain(options) || parent instanceof FramedRequest) {
            return new FramedCall(this, subject, message, terms(options));
        }
        long timeout = timeout(options, parent, start);
        return new PendingCall(this, subject, message, start + timeout, timeout, policy(options));
    }

    /** How a call is made that wants more than a reply. */
    FramedCall.Terms terms(RequestOptions options) {
        long start = clock.getAsLong();
        Request parent = options.parent().orElse(HandlerContext.current());
        long timeout = timeout(options, parent, start);
        return new FramedCall.Terms(start + timeout, timeout, policy(options), FramedCall.Extras.of(options, parent));
    }

    private long timeout(RequestOptions options, @Nullable Request parent, long start) {
        long timeout = options.timeout().orElse(settings.requestTimeout()).toNanos();
        if (parent instanceof InboundRequest inbound) {
            timeout = inbound.hasDeadline() ? Math.min(timeout, inbound.nanosLeft(start)) : timeout;
        } else if (parent != null) { // somebody's wrapper around one
            timeout =
                    Math.min(timeout, parent.remaining().map(Duration::toNanos).orElse(timeout));
        }
        return timeout;
    }

    private DisconnectPolicy policy(RequestOptions options) {
        DisconnectPolicy policy = options.onDisconnect().orElse(defaultOnDisconnect);
        if (policy == DisconnectPolicy.RESEND && !options.idempotent()) {
            if (options.onDisconnect().isPresent()) {
                throw new AntiphonException(
                        ErrorCode.INVALID_ARGUMENT,
                        "onDisconnect RESEND may do the work twice; declare the request with withIdempotent(true)");
            }
            policy = DisconnectPolicy.WAIT;
        }
        return policy;
    }

    /** Waits for a permit as long as the policy allows; false when the call has ended meanwhile. */
    private boolean awaitPermit(PendingCall call) {
        if (settings.onInFlightLimit() == OverloadPolicy.REJECT) {
            refuse(
                    call,
                    Ending.FAILED,
                    new AntiphonException(
                            ErrorCode.RESOURCE_EXHAUSTED,
                            settings.maxInFlight() + " requests are in flight, the limit of this messenger; raise "
                                    + "max-in-flight, or wait for replies"));
            return false;
        }
        WorkerPool.Blocking blocking = WorkerPool.beginBlocking();
        try {
            if (permits.tryAcquire(call.deadline() - clock.getAsLong(), TimeUnit.NANOSECONDS)) {
                return true;
            }
            refuse(call, Ending.TIMED_OUT, timeoutOf(call, false));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            refuse(
                    call,
                    Ending.CANCELLED,
                    new AntiphonException(
                            ErrorCode.CANCELLED,
                            "interrupted at the limit of requests in flight",
                            e,
                            false,
                            null,
                            null));
        } finally {
            blocking.end();
        }
        return false;
    }

    /** Ends a call that holds nothing yet. */
    private void refuse(PendingCall call, Ending how, AntiphonException failure) {
        call.assignId(ids.next());
        counters.ended(how);
        call.endUnregistered(how, failure.about(call.subject(), call.id()));
    }

    private void send(PendingCall call, long nanosLeft) {
        ReplyChannel to = channel;
        Message message = call.message();
        if (to == null || message == null || !call.beginSending(connectionEpoch.getAsInt())) {
            return;
        }
        try {
            to.request(
                    new OutboundMessage(call.subject(), codec.withBudget(message, nanosLeft), nanosLeft),
                    call.correlationId(),
                    call);
        } catch (AntiphonException failure) {
            call.onFailed(failure);
        } catch (RuntimeException failure) {
            call.onFailed(new AntiphonException(ErrorCode.INTERNAL, "the transport failed: " + failure, failure));
        }
    }

    // -- Back --

    @Override
    public void onReply(long correlationId, Message reply) {
        onReply(correlationId, reply, null);
    }

    @Override
    public void onReply(long correlationId, Message reply, @Nullable ReplyAddress from) {
        PendingCall call = table.find(correlationId);
        if (call != null && call.receive(reply, from)) {
            return;
        }
        if (!Frame.isIn(reply)) {
            surplus(correlationId, call, reply);
        } else if (call != null || !exchanges.receive(correlationId, reply)) {
            strayFrame(correlationId, call, from);
        }
    }

    /** A frame of a responder that may not know yet that the call has ended; of nobody, if it makes no sense. */
    private void strayFrame(long id, @Nullable PendingCall call, @Nullable ReplyAddress from) {
        ignored();
        Ending ending = endingOf(call, tombstones.find(id, clock.getAsLong()));
        if (from != null && ending != null && !ending.replied()) {
            sendFrame(from, "", new Frame(Frame.Kind.CANCEL, 0, 0), id);
        }
    }

    private static @Nullable Ending endingOf(@Nullable PendingCall call, Tombstones.@Nullable Tombstone tombstone) {
        if (tombstone != null) {
            return tombstone.ending();
        }
        return call != null && call.isEnded() ? call.remembered(call.ending()) : null;
    }

    @Override
    public void onNoResponders(long correlationId) {
        PendingCall call = table.find(correlationId);
        if (call != null) {
            call.noResponders();
        } else {
            exchanges.requesterGone(correlationId);
        }
    }

    @Override
    public void onUnreadable(String correlation, Message reply) {
        surplus(SurplusReply.Kind.UNKNOWN, correlation, reply, Optional.empty());
    }

    /** A reply to a call that is not in the table, or just lost the race against another ending. */
    private void surplus(long id, @Nullable PendingCall call, Message reply) {
        Tombstones.Tombstone tombstone = tombstones.find(id, clock.getAsLong());
        Ending ending = endingOf(call, tombstone);
        if (ending == null) { // of a call that is still there, but has it already, or of none
            SurplusReply.Kind kind = call != null ? SurplusReply.Kind.DUPLICATE : SurplusReply.Kind.UNKNOWN;
            surplus(kind, CorrelationId.toText(id), reply, Optional.empty());
            return;
        }
        long lateBy = tombstone == null ? 0 : tombstone.ago();
        SurplusReply.Kind kind = ending.replied() ? SurplusReply.Kind.DUPLICATE : SurplusReply.Kind.LATE;
        surplus(kind, CorrelationId.toText(id), reply, Optional.of(Duration.ofNanos(lateBy)));
    }

    private void surplus(SurplusReply.Kind kind, String id, Message reply, Optional<Duration> lateBy) {
        switch (kind) {
            case LATE -> counters.lateReplies.increment();
            case DUPLICATE -> counters.duplicateReplies.increment();
            case UNKNOWN -> counters.unknownReplies.increment();
        }
        hooks.surplusReply(new SurplusReply(kind, id, ControlCodec.withoutControlHeaders(reply), lateBy));
    }

    // -- Frames --

    /** A frame arrived that is of no use. */
    void ignored() {
        counters.framesIgnored.increment();
    }

    /** Sends a frame to a responder, which may answer to the call of this id. */
    void sendFrame(ReplyAddress to, String subject, Frame frame, long correlationId) {
        exchanges.send(to, subject, frame.alone(), correlationId);
    }

    Duration defaultTimeout() {
        return settings.requestTimeout();
    }

    Alarms alarms() {
        return alarms;
    }

    Exchanges exchanges() {
        return exchanges;
    }

    @Nullable
    Executor completions() {
        return completions;
    }

    // -- The end of a call --

    /** Undoes what {@link #request} did. Called once for each call that was in the table, by whoever ended it. */
    void release(PendingCall call, Ending how) {
        // Before the entry goes: a surplus reply finds either. While the ticker sleeps the coarse time stands still.
        long began = call.deadline() - call.timeoutNanos();
        tombstones.record(call.correlationId(), call.remembered(how), coarseNow - began < 0 ? began : coarseNow);
        table.remove(call);
        wheel.disarm(call);
        permits.release();
        counters.ended(how);
    }

    /** Completes what depends on a call that has ended. */
    void complete(Runnable call) {
        if (completions == null) {
            call.run();
        } else {
            completions.execute(call);
        }
    }

    AntiphonException timeoutOf(PendingCall call, boolean sent) {
        long millis = TimeUnit.NANOSECONDS.toMillis(call.timeoutNanos());
        String what = millis <= 0
                ? "no time was left for this request"
                : sent
                        ? "no reply within " + millis + " ms" + timeoutNote
                        : "it could not be sent within " + millis + " ms";
        return new AntiphonException(ErrorCode.TIMEOUT, what, null, sent, call.subject(), call.id());
    }

    // -- The connection --

    /** The call could not be sent in the connection of this epoch; unless there is a new one, it waits. */
    void waitForConnection(PendingCall call, int epoch) {
        if (connectionEpoch.getAsInt() != epoch) {
            sendAgain(call);
        }
    }

    /** Sends what is not sent, unless its time is up. */
    void sendAgain(PendingCall call) {
        long nanosLeft = call.deadline() - clock.getAsLong();
        if (nanosLeft > 0) {
            send(call, nanosLeft);
        }
    }

    void connectionLost(@Nullable AntiphonException cause) {
        table.forEach(call -> call.connectionLost(cause));
    }

    void replyAddressLost() {
        table.forEach(PendingCall::replyAddressLost);
    }

    void connectionRestored() {
        table.forEach(call -> {
            call.connectionRestored();
            sendAgain(call);
        });
    }

    // -- Time, state, end --

    /** Moves the timers. One thread at a time. */
    boolean tick(long now) {
        coarseNow = now;
        wheel.advance(now);
        return alarms.tick(now) || inFlight() > 0;
    }

    /** How many calls hold a permit. Reading it orders with taking one: who took one before is seen. */
    int inFlight() {
        return settings.maxInFlight() - permits.availablePermits();
    }

    int tableEntries() {
        return table.size();
    }

    int timersArmed() {
        return wheel.size();
    }

    /** Calls that are in the table although their time is long over. */
    long leaked() {
        long[] overdue = new long[1];
        long limit = clock.getAsLong() - OVERDUE_NANOS;
        table.forEach(call -> overdue[0] += call.deadline() - limit < 0 ? 1 : 0);
        return overdue[0];
    }

    /** Fails every call, present and to come. */
    void close(AntiphonException why) {
        closed = why;
        table.forEach(call -> call.end(Ending.CLOSED, why.about(call.subject(), call.id())));
    }
}
