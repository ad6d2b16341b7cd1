package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportEvents;
import dev.antiphon.spi.TransportListener;
import dev.antiphon.spi.TransportThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The life of a connection: made, lost, restored, closed; and those who live on it.
 *
 * <p>Recovery is ours; the native client's is off, since two would race. Everything that waits for the broker (connecting,
 * declaring, cancelling) happens on one thread, one after the other; so nothing is declared twice, and nothing is declared
 * on a connection while another one is being made. Only what may stay without an answer has threads of its own. The lock of
 * this object orders what is told; nothing is waited for while it is held, except for the next attempt.
 */
final class AmqpLink {

    private enum Life {
        NEW,
        CONNECTING,
        CONNECTED,
        RECONNECTING,
        CLOSED
    }

    private static final int REFUSALS = 2;
    private static final int MOMENT_MILLIS = 10;
    private static final int SETTLING_MILLIS = 300;

    private final Failures failures;
    private final TransportThreads threads;
    /** Talks with the broker about connections, channels and queues: one task after the other. */
    private final SerialTasks admin;

    private final TransportEvents events;
    private final Connector connector;
    private final Scouts scouts;
    private final Residents residents;
    private final Refusals refusals;
    private final Publisher publisher;
    private final Consumers consumers;
    private final long reconnectWaitMillis;
    private final long maxReconnects;
    private final CompletableFuture<Void> started = new CompletableFuture<>();

    /** Guarded by this. */
    private Life life = Life.NEW;

    private @Nullable Session latest;
    private volatile @Nullable Session open;
    private volatile boolean closed;
    private volatile CompletableFuture<Void> settling = CompletableFuture.completedFuture(null);

    AmqpLink(TransportConfig config, Settings settings, Topology topology) {
        failures = new Failures(config.toString());
        threads = new TransportThreads("antiphon-amqp-" + config.connectionName());
        events = new TransportEvents(threads.events());
        admin = new SerialTasks(threads.serial("admin"), events);
        connector = Connector.of(config, threads, events);
        scouts = new Scouts(Connector.ofScouts(config, threads, events));
        refusals = new Refusals(failures, settings);
        publisher = new Publisher(this, settings, refusals);
        consumers = new Consumers(this);
        residents = new Residents(this, topology);
        residents.add(publisher);
        reconnectWaitMillis = config.duration(AmqpOptions.RECONNECT_WAIT)
                .orElse(Duration.ofMillis(250))
                .toMillis();
        maxReconnects = config.number(AmqpOptions.MAX_RECONNECTS).orElse(Long.MAX_VALUE);
    }

    Failures failures() {
        return failures;
    }

    TransportThreads threads() {
        return threads;
    }

    TransportEvents events() {
        return events;
    }

    Refusals refusals() {
        return refusals;
    }

    Scouts scouts() {
        return scouts;
    }

    Publisher publisher() {
        return publisher;
    }

    Consumers consumers() {
        return consumers;
    }

    boolean isClosed() {
        return closed;
    }

    /** The connection in use, or null. */
    @Nullable
    Session open() {
        return open;
    }

    Optional<Connection> connection() {
        return Optional.ofNullable(open).map(session -> session.connection);
    }

    // -- Starting --

    CompletableFuture<Void> start(TransportListener listener) {
        synchronized (this) {
            if (life == Life.CLOSED) {
                return CompletableFuture.failedFuture(failures.closed(null));
            }
            if (life != Life.NEW) {
                return CompletableFuture.failedFuture(
                        new AntiphonException(ErrorCode.INVALID_ARGUMENT, "a transport is started once"));
            }
            life = Life.CONNECTING;
            events.open(listener);
        }
        admin(this::connectFirst, () -> started.completeExceptionally(failures.closed(null)));
        return started;
    }

    private void connectFirst() {
        try {
            establish();
        } catch (AntiphonException failure) {
            startFailed(failure);
        }
    }

    private void startFailed(AntiphonException failure) {
        synchronized (this) {
            if (life == Life.CLOSED) {
                return; // who closes needs the threads to tell so, and then shuts them down
            }
            life = Life.CLOSED;
            closed = true;
        }
        started.completeExceptionally(failure);
        shutdown();
    }

    /** Connects, and puts everything in place. Throws if there is no connection then. */
    private void establish() {
        Session session = connector.connect();
        session.connection.addBlockedListener(new Blocking(session));
        synchronized (this) {
            latest = session;
        }
        try {
            residents.restore(session);
        } catch (IOException | AlreadyClosedException e) {
            session.close(reconnectWaitMillis);
            throw failures.lost(e);
        } catch (AntiphonException e) {
            session.close(reconnectWaitMillis);
            throw e;
        }
        // Only now: what is lost before is noticed above.
        session.connection.addShutdownListener(signal -> lost(session, signal));
        opened(session);
    }

    private void opened(Session session) {
        boolean wanted;
        synchronized (this) {
            wanted = life != Life.CLOSED;
            if (wanted && session.connection.isOpen()) {
                life = Life.CONNECTED;
                open = session;
                events.state(ConnectionState.CONNECTED, null);
            }
        }
        if (wanted) {
            started.complete(null);
        } else {
            session.close(1);
        }
    }

    // -- Losing it, and getting it back --

    private void lost(Session session, ShutdownSignalException signal) {
        boolean wasOpen;
        synchronized (this) {
            wasOpen = open == session && life == Life.CONNECTED;
            if (open == session) {
                open = null;
            }
            if (wasOpen) {
                life = Life.RECONNECTING;
                events.state(ConnectionState.RECONNECTING, failures.lost(signal));
            } else if (life == Life.CONNECTED || life == Life.CLOSED) {
                return;
            } else {
                life = Life.RECONNECTING;
            }
        }
        residents.all().forEach(Resident::detach);
        admin(this::reconnect, () -> {});
    }

    private void reconnect() {
        AntiphonException last = failures.lost(null);
        int refused = 0;
        for (long attempt = 1; attempt <= maxReconnects && refused < REFUSALS; attempt++) {
            if (!pause()) {
                return;
            }
            try {
                events.flush();
                establish();
                return;
            } catch (AntiphonException failure) {
                last = failure;
                refused = failure.code() == ErrorCode.AUTHENTICATION ? refused + 1 : 0;
            }
        }
        giveUp(last.code() == ErrorCode.AUTHENTICATION ? last : failures.gaveUp(last));
    }

    /** Waits for the next attempt. False if it is all over. */
    private synchronized boolean pause() {
        long wait = reconnectWaitMillis + ThreadLocalRandom.current().nextLong(reconnectWaitMillis / 5 + 1);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(wait);
        try {
            for (long left = wait; left > 0 && life == Life.RECONNECTING; ) {
                wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return life == Life.RECONNECTING;
    }

    private void giveUp(AntiphonException cause) {
        synchronized (this) {
            if (life == Life.CLOSED) {
                return;
            }
            life = Life.CLOSED;
            closed = true;
        }
        events.close(cause);
        scouts.close();
        residents.release(cause, Duration.ZERO);
        shutdown();
    }

    /** The broker stopped taking messages, or takes them again. */
    private final class Blocking implements BlockedListener {

        private final Session session;

        Blocking(Session session) {
            this.session = session;
        }

        @Override
        public void handleBlocked(String reason) {
            session.blocked(reason);
            events.error(failures.blocked(reason, null));
        }

        @Override
        public void handleUnblocked() {
            session.blocked(null);
        }
    }

    // -- Residents --

    void add(AmqpSubscription subscription) {
        if (!added(subscription)) {
            subscription.failed(notReady(subscription.subject()));
        }
    }

    void add(AmqpReplyChannel channel) {
        if (!added(channel)) {
            channel.failed(notReady(null));
        }
    }

    private boolean added(Resident resident) {
        synchronized (this) {
            if (life != Life.CONNECTED && life != Life.RECONNECTING) {
                return false;
            }
            residents.add(resident);
        }
        tasks(resident).run(() -> residents.attach(resident, null), () -> {});
        return true;
    }

    /** A channel was closed by the broker, or a consumer cancelled: makes them again. */
    void heal(Resident resident, @Nullable ShutdownSignalException signal, @Nullable String subject) {
        if (signal != null) {
            events.error(BrokerErrors.of(signal, subject, true));
        }
        tasks(resident).run(() -> residents.attach(resident, signal), () -> {});
    }

    /** Where a resident waits for the broker. */
    SerialTasks tasks(Resident resident) {
        SerialTasks apart = resident.apart();
        return apart == null ? admin : apart;
    }

    void forget(Resident resident) {
        residents.remove(resident);
    }

    /** Ends a subscription. */
    void leave(AmqpSubscription subscription) {
        tasks(subscription).run(subscription::cancel, subscription::cancel);
    }

    /**
     * Closes the channel of a quorum queue on which everything has been acknowledged. While the broker writes acknowledgements it holds
     * later ones back, forgets these if the channel closes meanwhile (rabbitmq-server issue 10327), and does not tell when it is done:
     * so they get some time.
     */
    void dropSettledLane(Lane lane) {
        CompletableFuture<Void> settled =
                new CompletableFuture<Void>().completeOnTimeout(null, SETTLING_MILLIS, TimeUnit.MILLISECONDS);
        settling = settled;
        CompletableFuture<Void> unused = settled.thenRun(() -> dropLane(lane));
    }

    /** Closes a channel, whenever that is done. */
    void dropLane(Lane lane) {
        CompletableFuture<Void> unused = closeLane(lane);
    }

    CompletableFuture<Void> closeLane(Lane lane) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        admin(
                () -> {
                    try {
                        lane.channel.abort();
                    } catch (IOException | AlreadyClosedException e) {
                        // it is closed
                    }
                    done.complete(null);
                },
                () -> done.complete(null));
        return done;
    }

    /** Runs a task on the admin thread; the other one here if that takes no more. */
    void admin(Runnable task, Runnable otherwise) {
        admin.run(task, otherwise);
    }

    /** Runs a task on the admin thread after a moment. False if that takes no more. */
    boolean later(Runnable task) {
        return threads.later(() -> admin(task, task), MOMENT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void shutdown() {
        threads.shutdown();
        admin.shutdown();
    }

    // -- Flushing --

    /** Completes when the broker has dealt with everything sent before. */
    CompletableFuture<Void> flush(Duration limit) {
        synchronized (this) {
            if (life != Life.CONNECTED) {
                return CompletableFuture.failedFuture(notReady(null));
            }
        }
        CompletableFuture<Void> confirmed = publisher.flush();
        CompletableFuture<Void> passed = new CompletableFuture<>();
        admin(() -> residents.pass(passed), () -> passed.completeExceptionally(failures.closed(null)));
        return CompletableFuture.allOf(confirmed, passed)
                .orTimeout(Math.max(1, limit.toNanos()), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        failure instanceof TimeoutException ? failures.unanswered(limit) : failure));
    }

    // -- Closing --

    void close(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        Session last;
        boolean connecting;
        synchronized (this) {
            if (life == Life.CLOSED || life == Life.NEW) {
                life = Life.CLOSED;
                closed = true;
                return;
            }
            connecting = life == Life.CONNECTING || life == Life.RECONNECTING;
            life = Life.CLOSED;
            closed = true;
            last = latest;
            open = null;
            notifyAll();
        }
        connector.giveUp();
        scouts.close();
        if (last != null) {
            close(last, connecting, deadline);
        }
        residents.release(failures.closed(null), Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        started.completeExceptionally(failures.closed(null));
        events.close(null);
        if (!events.isOwnThread()) {
            await(events.closed(), deadline);
        }
        shutdown();
    }

    private void close(Session last, boolean atOnce, long deadline) {
        if (atOnce) {
            last.cut();
            return;
        }
        if (!last.isReader()) {
            await(settling, deadline);
        }
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()) * 3 / 4);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> last.close(millis), threads.outside());
        if (!last.isReader()) {
            await(closing, deadline);
        }
    }

    static void await(CompletableFuture<Void> stage, long deadline) {
        try {
            stage.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // the time is over, or the connection: it closes anyway
        }
    }

    // -- Answers --

    /** A stage of this transport, as callers get it: their continuations do not run on a thread of ours. */
    <T> CompletableFuture<T> outside(CompletableFuture<T> stage) {
        return stage.handleAsync((value, failure) -> null, threads.outside()).thenCompose(ignored -> stage);
    }

    /** Why something can not be sent or subscribed to now. */
    synchronized AntiphonException notReady(@Nullable String subject) {
        Session at = open;
        return switch (life) {
            case CLOSED -> failures.closed(subject);
            case NEW -> failures.notStarted(subject);
            // That the connection is gone shows a moment before the client tells us.
            case CONNECTED -> at != null && at.isOpen() ? failures.reopening(subject) : failures.disconnected(subject);
            default -> failures.disconnected(subject);
        };
    }
}
