package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.DrainReport;
import dev.antiphon.ErrorCode;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.Subscription;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What subscribers and responders have in common: how they take messages up to a limit, leave, drain and close.
 *
 * <p>{@code load} counts messages from their arrival until they are finished. Draining is: the transport stops the
 * intake and hands over what it has; then {@code load} falls to zero.
 */
abstract class Registration implements Subscription, InboundHandler {

    private static final Duration LONGEST = Duration.ofDays(365);

    /** How many messages beyond the limit may be on their way to being refused. */
    private static final int REFUSALS = 256;

    /** More than there ever are messages; and several times this is still a number of permits. */
    private static final int MUCH_ROOM = Integer.MAX_VALUE / 4;

    final Responders owner;
    private final String subject;
    private final @Nullable String group;
    private final int loadLimit;
    /** Holds the transport's thread at the limit; null when messages beyond the limit are refused. */
    private final @Nullable Semaphore room;

    private final AtomicInteger load = new AtomicInteger();
    private final AtomicLong finished = new AtomicLong();
    private final CompletableFuture<Void> idle = new CompletableFuture<>();
    /** Idle, or at the limit. */
    private final CompletableFuture<Void> drained = idle.copy();

    private final CompletableFuture<TransportSubscription> transport = new CompletableFuture<>();
    private @Nullable CompletableFuture<DrainReport> drain;
    private volatile boolean leaving;
    private volatile boolean stopped;
    private volatile boolean closed;
    private volatile boolean overloaded;

    Registration(Responders owner, String subject, @Nullable String group, int loadLimit, OverloadPolicy onOverload) {
        this.owner = owner;
        this.subject = subject;
        this.group = group;
        this.loadLimit = loadLimit;
        this.room = onOverload == OverloadPolicy.WAIT ? new Semaphore(Math.min(loadLimit, MUCH_ROOM)) : null;
    }

    /**
     * How many messages the broker may hand over before one of them is settled: what fits, and where the rest is refused,
     * some more, or the refusals would never happen.
     */
    final int maxUnsettled() {
        return (int) Math.min(Integer.MAX_VALUE, room == null ? (long) loadLimit + REFUSALS : loadLimit);
    }

    // -- Taking messages, on the transport's thread --

    /** A message arrived. */
    @Override
    public final void onMessage(InboundMessage message) {
        count();
        if (closed) {
            load.incrementAndGet();
            refuse(message, ErrorCode.UNAVAILABLE, "the responder has left");
            return;
        }
        if (room != null) {
            room.acquireUninterruptibly();
        }
        if (load.incrementAndGet() > loadLimit && room == null) {
            if (!overloaded) {
                overloaded = true;
                owner.hooks().slowConsumer(subject);
            }
            refuse(message, ErrorCode.RESOURCE_EXHAUSTED, "the queue of this responder is full");
            return;
        }
        accept(message);
    }

    /** Counts an arrival. */
    abstract void count();

    /** Takes a message over; {@link #finished()} is called when it is done with. */
    abstract void accept(InboundMessage message);

    /** Refuses a message; {@link #finished()} is called when that is done. */
    abstract void refuse(InboundMessage message, ErrorCode code, String why);

    /** One message is done with. */
    final void finished() {
        finished.incrementAndGet();
        if (room != null) {
            room.release();
        }
        int left = load.decrementAndGet();
        if (overloaded && left <= loadLimit / 2) {
            overloaded = false;
        }
        if (left == 0 && stopped) {
            idle.complete(null);
        }
        if (left == 0 && closed) {
            owner.forget(this);
        }
    }

    // -- Leaving --

    /** The transport subscribed. */
    void subscribed(TransportSubscription subscription) {
        transport.complete(subscription);
    }

    final boolean isClosed() {
        return closed;
    }

    final int load() {
        return load.get();
    }

    @Override
    public final String subject() {
        return subject;
    }

    @Override
    public final Optional<String> queueGroup() {
        return Optional.ofNullable(group);
    }

    @Override
    public final boolean isActive() {
        return !leaving;
    }

    @Override
    public final CompletableFuture<DrainReport> drain(Duration limit) {
        synchronized (this) {
            if (drain == null) {
                drain = startDrain();
            }
            // The earliest limit counts: a messenger may drain what has been draining by itself, with more time.
            drained.completeOnTimeout(null, nanosOf(limit), TimeUnit.NANOSECONDS);
            return drain.copy();
        }
    }

    private CompletableFuture<DrainReport> startDrain() {
        long start = System.nanoTime();
        long before = finished.get();
        leaving = true;
        stop();
        return drained.thenApplyAsync(
                ignored -> {
                    int abandoned = load.get();
                    long handled = finished.get() - before; // before closing refuses what is queued
                    close();
                    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
                    return new DrainReport(handled, abandoned, 0, 0, elapsed);
                },
                owner.fallbackExecutor()); // idle may fall on a transport's thread
    }

    /** A limit in nanoseconds; a year stands for anything longer. */
    static long nanosOf(Duration limit) {
        return limit.compareTo(LONGEST) < 0 ? Math.max(1, limit.toNanos()) : LONGEST.toNanos();
    }

    private void stop() {
        transport.thenCompose(TransportSubscription::stop).whenComplete((ignored, failure) -> {
            if (failure != null) {
                owner.hooks()
                        .error(new AntiphonException(
                                ErrorCode.INTERNAL,
                                "leaving " + subject + " failed: " + failure.getMessage(),
                                failure));
            }
            stopped = true;
            if (load.get() == 0) {
                idle.complete(null);
            }
        });
    }

    @Override
    public final void close() {
        boolean first = !closed;
        closed = true;
        leaving = true;
        if (first) {
            stop();
            if (room != null) {
                room.release(MUCH_ROOM);
            }
            discardQueued();
            owner.remove(this);
        }
    }

    /**
     * Tells those who are owed an answer that they will not get it, because the messenger closes.
     *
     * @return whether there was anybody to tell
     */
    boolean goAway() {
        return false;
    }

    /** Refuses what is queued and not yet being handled. */
    abstract void discardQueued();
}
