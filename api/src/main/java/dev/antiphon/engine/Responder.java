package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.RespondOptions;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.Transport;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The responder's half of request-reply. Read it from top to bottom: {@link #accept}, {@link #handle}, then
 * {@link InboundRequest#answer}, {@link #done}.
 *
 * <p>At most {@code concurrency} requests are with the executor; the others wait in {@code backlog}. A request that is
 * done hands its place to the next one waiting.
 */
final class Responder extends Registration {

    private final Handling handling;
    private final RespondOptions options;
    private final String identity;
    private final @Nullable DedupStore dedup;
    private final ConcurrentLinkedQueue<InboundRequest> backlog = new ConcurrentLinkedQueue<>();
    private final AtomicInteger running = new AtomicInteger();
    private final Running handled;

    Responder(Responders owner, String subject, Handling handling, RespondOptions options) {
        super(
                owner,
                subject,
                options.queueGroup().orElse(null),
                (int) Math.min(Integer.MAX_VALUE, (long) options.concurrency() + options.queueLimit()),
                options.onOverload());
        this.handling = handling;
        this.options = options;
        this.identity = owner.newIdentity();
        this.dedup = options.dedup()
                .map(limits -> new DedupStore(limits, owner::now))
                .orElse(null);
        this.handled = new Running(options.concurrency());
    }

    @Override
    void count() {
        owner.counters().requestsReceived.increment();
    }

    @Override
    void accept(InboundMessage inbound) {
        InboundRequest request = requestOf(inbound);
        if (options.sameThread()) {
            handle(request);
        } else if (takePlace()) {
            if (!execute(request)) {
                passPlaceOn();
                startWaiting();
            }
        } else {
            backlog.add(request);
            // A place that was freed before the request was in the backlog went to nobody.
            startWaiting();
        }
    }

    private InboundRequest requestOf(InboundMessage inbound) {
        long budget = owner.codec().budgetNanos(inbound.message().headers());
        boolean hasDeadline = budget != ControlCodec.NO_BUDGET;
        boolean saysMore = inbound.message().headers().size() > (hasDeadline ? 1 : 0) && inbound.replyAddress() != null;
        Wants wants = saysMore ? wants(inbound.message().headers()) : null;
        if (wants != null) {
            return new FramedRequest(this, inbound, hasDeadline, hasDeadline ? owner.now() + budget : 0, wants);
        }
        return new InboundRequest(this, inbound, hasDeadline, hasDeadline ? owner.now() + budget : 0);
    }

    private @Nullable Wants wants(Headers headers) {
        Wants wants = Wants.of(headers);
        boolean named = wants == null && dedup != null && headers.contains(ControlHeaders.IDEMPOTENCY_KEY);
        return named ? Wants.NOTHING : wants;
    }

    private boolean takePlace() {
        int taken;
        do {
            taken = running.get();
            if (taken >= options.concurrency()) {
                return false;
            }
        } while (!running.compareAndSet(taken, taken + 1));
        return true;
    }

    private void startWaiting() {
        while (!backlog.isEmpty() && takePlace()) {
            passPlaceOn();
        }
    }

    /** Gives a place that is taken to the next request, or frees it. */
    private void passPlaceOn() {
        InboundRequest next;
        do {
            next = backlog.poll();
            if (next == null) {
                running.decrementAndGet();
                return;
            }
        } while (!execute(next));
    }

    /** Hands a request over together with a place; the place remains with the caller if the executor refuses. */
    private boolean execute(InboundRequest request) {
        request.holdsPlace = true;
        try {
            owner.handlerExecutor().execute(request);
            return true;
        } catch (RejectedExecutionException e) {
            request.holdsPlace = false;
            owner.counters().requestsRejected.increment();
            request.answerError(ControlCodec.errorReply(
                    ErrorCode.UNAVAILABLE, "the responder's executor does not take the request"));
            return false;
        }
    }

    /** Runs the handler; on the executor's thread, or on the transport's if that was asked for. */
    void handle(InboundRequest request) {
        if (isClosed()) {
            reject(request, ErrorCode.UNAVAILABLE, "the responder has left");
            return;
        }
        if (request.isExpired(now())) {
            owner.counters().requestsExpired.increment();
            request.drop();
            return;
        }
        request.handled = true;
        request.slot = handled.enter(request);
        if (isDuplicate(request)) {
            return;
        }
        request.begun();
        InboundRequest previous = HandlerContext.enter(request);
        try {
            handling.handle(request);
        } catch (Throwable failure) {
            request.answerError(ControlCodec.errorReply(failure));
        } finally {
            HandlerContext.leave(previous);
        }
    }

    /** Whether somebody else's answer is the answer to this request, too. */
    private boolean isDuplicate(InboundRequest request) {
        if (dedup == null || !(request instanceof FramedRequest framed)) {
            return false;
        }
        String key = ControlCodec.idempotencyKey(framed.inbound().message().headers());
        if (key.isEmpty()) {
            return false;
        }
        String name = request.subject() + ' ' + key;
        boolean first = dedup.begin(name, framed);
        if (first) {
            framed.answersFor(name);
        }
        return !first;
    }

    @Nullable
    DedupStore dedup() {
        return dedup;
    }

    /** The request has been answered and settled, or dropped. */
    void done(InboundRequest request) {
        if (request.handled) {
            owner.counters().requestsAnswered.increment();
            handled.leave(request.slot, request);
        }
        if (request.holdsPlace) {
            passPlaceOn();
            startWaiting();
        }
        finished();
    }

    private void reject(InboundRequest request, ErrorCode code, String why) {
        owner.counters().requestsRejected.increment();
        request.answerError(ControlCodec.errorReply(code, why));
    }

    @Override
    void refuse(InboundMessage inbound, ErrorCode code, String why) {
        reject(requestOf(inbound), code, why);
    }

    @Override
    void discardQueued() {
        InboundRequest request;
        while ((request = backlog.poll()) != null) {
            reject(request, ErrorCode.UNAVAILABLE, "the responder has left");
        }
    }

    void replyFailed(InboundRequest request, AntiphonException failure) {
        owner.hooks()
                .error(new AntiphonException(
                        failure.code(), "a reply could not be sent", failure, true, request.subject(), null));
    }

    @Override
    boolean goAway() {
        boolean[] owing = new boolean[1];
        handled.forEach(request -> {
            owing[0] = true;
            request.goAway();
        });
        return owing[0];
    }

    void replace(InboundRequest request, InboundRequest substitute) {
        handled.replace(request.slot, request, substitute);
    }

    // -- For requests whose requesters understand frames --

    Exchanges exchanges() {
        return owner.exchanges();
    }

    Alarms alarms() {
        return owner.exchanges().alarms();
    }

    Counters counters() {
        return owner.counters();
    }

    boolean acceptsAtOnce() {
        return options.autoAccept();
    }

    boolean interruptsOnCancel() {
        return options.interruptOnCancel();
    }

    /** The name of this responder, and a number that no other one has. */
    String identity() {
        return identity;
    }

    /** Runs what a handler wants to be run when its request is cancelled. */
    void runSoon(Runnable action, InboundRequest request) {
        owner.fallbackExecutor().execute(() -> {
            try {
                action.run();
            } catch (Throwable failure) {
                owner.hooks()
                        .error(new AntiphonException(
                                ErrorCode.INTERNAL,
                                "what was to be done on cancellation failed",
                                failure,
                                true,
                                request.subject(),
                                null));
            }
        });
    }

    /** Whether the transport makes use of a message's time to live. */
    boolean transportExpires() {
        return owner.transportExpires();
    }

    Transport transport() {
        return owner.transport();
    }

    long now() {
        return owner.now();
    }
}
