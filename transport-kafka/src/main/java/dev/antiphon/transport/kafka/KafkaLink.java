package dev.antiphon.transport.kafka;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.DeliveryQueue;
import dev.antiphon.spi.ReplyChannel;
import dev.antiphon.spi.TransportEvents;
import dev.antiphon.spi.TransportListener;
import dev.antiphon.spi.TransportThreads;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The life of a connection: made, lost, restored, closed; and the subscriptions that live through it. Each connection is a {@link Session};
 * while there is none, everything that needs one fails.
 */
final class KafkaLink {

    private enum Life {
        NEW,
        CONNECTING,
        CONNECTED,
        RECONNECTING,
        CLOSED
    }

    private static final long LOOK_MILLIS = 20;
    private static final Duration GOODBYE = Duration.ofMillis(800);
    private static final AtomicInteger LINKS =
            new AtomicInteger(ThreadLocalRandom.current().nextInt());

    private final Settings settings;
    private final Failures failures;
    private final TransportThreads threads;
    private final TransportEvents events;
    private final Presence presence;
    private final Probe probe;
    private final SubjectMapping mapping;
    private final Restorables restorables = new Restorables();
    private final Set<DeliveryQueue> queues = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final Records records;
    private final Placement placement;
    private final int number = LINKS.incrementAndGet();

    private volatile Life life = Life.NEW;
    private volatile @Nullable Session session;

    private volatile @Nullable Thread opener;
    /** Completes when what the last connection had on its way has failed. */
    private volatile CompletableFuture<Void> abandoned = CompletableFuture.completedFuture(null);

    private @Nullable ScheduledFuture<?> watch;
    private @Nullable ScheduledFuture<?> refresh;

    KafkaLink(Settings settings) {
        this.settings = settings;
        failures = new Failures(settings.config().toString());
        threads = new TransportThreads("antiphon-kafka-" + settings.config().connectionName());
        events = new TransportEvents(threads.events());
        mapping = settings.mapping();
        probe = new Probe(settings, this::stepLimit, threads.outside());
        records = new Records(mapping, settings.replyTopic(), settings.keyHeader(), events);
        presence = new Presence(settings, restorables::topicMade);
        placement = new Placement(presence.registry());
    }

    Settings settings() {
        return settings;
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

    Probe probe() {
        return probe;
    }

    Presence presence() {
        return presence;
    }

    Records records() {
        return records;
    }

    Placement placement() {
        return placement;
    }

    SubjectMapping mapping() {
        return mapping;
    }

    /** Differs from link to link, and from process to process: where to begin to look for a free partition. */
    int number() {
        return number;
    }

    /** A queue for one subscription. */
    DeliveryQueue newQueue(String name) {
        DeliveryQueue queue = new DeliveryQueue(threads.name(name), events::error, queues::remove);
        queues.add(queue);
        return queue;
    }

    // -- The present connection --

    /** The connection, or null. */
    @Nullable
    Session session() {
        return session;
    }

    /** The connection. */
    Session connected(@Nullable String subject) {
        Session current = session;
        if (current == null) {
            throw notConnected(subject);
        }
        return current;
    }

    boolean isConnected() {
        return life == Life.CONNECTED;
    }

    boolean isClosed() {
        return life == Life.CLOSED;
    }

    /** Why there is no connection. */
    AntiphonException notConnected(@Nullable String subject) {
        return switch (life) {
            case NEW, CONNECTING -> failures.notStarted(subject);
            case CLOSED -> failures.closed(subject);
            default -> failures.disconnected(subject);
        };
    }

    <T> Optional<T> unwrap(Class<T> type) {
        Session current = session;
        if (current == null) {
            return Optional.empty();
        }
        return List.of(current.outbox().producer(), current.admin()).stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
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
        threads.pool().execute(this::connect);
        return started;
    }

    private void connect() {
        try {
            opened(open(), Life.CONNECTING);
        } catch (RuntimeException failure) {
            startFailed(
                    failure instanceof AntiphonException ours
                            ? ours
                            : new AntiphonException(ErrorCode.INTERNAL, "connecting failed: " + failure, failure));
        }
    }

    /** Who closes meanwhile needs the threads to tell so, and then shuts them down. */
    private void startFailed(AntiphonException why) {
        synchronized (this) {
            if (life == Life.CLOSED) {
                return;
            }
            life = Life.CLOSED;
        }
        started.completeExceptionally(why);
        threads.shutdown();
    }

    /** How long a step of connecting may take: brokers that are silent for longer would count as lost, once there was a connection. */
    Duration stepLimit() {
        Duration patience = settings.connectTimeout();
        Duration silence = settings.silenceLimit();
        return restorables.hadConnection() && silence.compareTo(patience) < 0 ? silence : patience;
    }

    /** A close interrupts it. */
    private Session open() {
        opener = Thread.currentThread();
        try {
            return Session.open(this);
        } finally {
            opener = null;
        }
    }

    /** Everything is in place. */
    private void opened(Session made, Life expected) {
        synchronized (this) {
            if (life == expected) {
                life = Life.CONNECTED;
                session = made;
                watch(made);
                events.state(ConnectionState.CONNECTED, null);
                started.complete(null);
                return;
            }
        }
        made.abandon();
    }

    private void watch(Session made) {
        LinkMonitor monitor = new LinkMonitor(
                made.loop().consumer(),
                made.hasSeveralBrokers(),
                settings.silenceLimit().toNanos(),
                presence::brokerLost,
                why -> lost(made, why));
        watch = threads.timer()
                .scheduleWithFixedDelay(
                        () -> {
                            long now = System.nanoTime();
                            monitor.tick(now);
                            presence.tick(now, monitor.silentNanos(now));
                        },
                        LOOK_MILLIS,
                        LOOK_MILLIS,
                        TimeUnit.MILLISECONDS);
        long pause = settings.topicRefresh().toMillis();
        refresh = threads.timer().scheduleWithFixedDelay(this::refresh, pause, pause, TimeUnit.MILLISECONDS);
    }

    private void unwatch() {
        if (watch != null) {
            watch.cancel(false);
        }
        if (refresh != null) {
            refresh.cancel(false);
        }
    }

    // -- What lives through a loss --

    Restorables restorables() {
        return restorables;
    }

    private void refresh() {
        Session current = session;
        if (current != null) {
            restorables.refresh(current);
        }
    }

    void moved(ReplyChannel channel) {
        events.moved(channel);
    }

    // -- Losing --

    private void lost(Session which, String why) {
        AntiphonException cause = failures.lost(new java.io.IOException(why));
        synchronized (this) {
            if (life != Life.CONNECTED || session != which) {
                return;
            }
            life = Life.RECONNECTING;
            session = null;
            unwatch();
            presence.disconnected(which);
            events.state(ConnectionState.RECONNECTING, cause);
            abandoned = new CompletableFuture<>();
            threads.pool().execute(() -> recover(which)); // here, before anybody closes the pool
        }
    }

    private void recover(Session from) {
        try {
            from.abandon();
        } finally {
            abandoned.complete(null);
        }
        presence.lost();
        restorables.lost();
        reconnect(1);
    }

    private void reconnect(int attempt) {
        if (life != Life.RECONNECTING) {
            return;
        }
        try {
            opened(open(), Life.RECONNECTING);
        } catch (AntiphonException failure) {
            boolean hopeless = failure.code() == ErrorCode.AUTHENTICATION;
            if (hopeless || attempt >= settings.maxReconnects()) {
                shut(hopeless ? failure : failures.gaveUp(failure));
            } else {
                again(attempt + 1);
            }
        } catch (RuntimeException defect) {
            events.error(new AntiphonException(ErrorCode.INTERNAL, "reconnecting failed: " + defect, defect));
            again(attempt + 1);
        }
    }

    private void again(int attempt) {
        threads.later(
                () -> threads.pool().execute(() -> reconnect(attempt)),
                settings.reconnectWait().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    // -- Closing --

    void close(Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        synchronized (this) {
            if (life == Life.NEW) {
                life = Life.CLOSED;
                return;
            }
        }
        sayGoodbye(limit);
        boolean tells = shut(null);
        awaitUntil(abandoned, end);
        if (tells && !events.isOwnThread()) {
            awaitUntil(events.closed(), end);
        }
        for (DeliveryQueue queue : queues) {
            if (!queue.isOwnThread()) {
                awaitUntil(queue.ended(), end);
            }
        }
    }

    /** So that others need not wait for a sign of life that does not come, and that what was sent before leaves. */
    private void sayGoodbye(Duration limit) {
        Session current = session;
        if (current != null) {
            Duration most = limit.dividedBy(2).compareTo(GOODBYE) < 0 ? limit.dividedBy(2) : GOODBYE;
            CompletableFuture<?>[] all = Stream.concat(
                            Stream.of(presence.goodbye(), current.flush(most)), restorables.closing())
                    .toArray(CompletableFuture<?>[]::new);
            awaitUntil(CompletableFuture.allOf(all), System.nanoTime() + most.toNanos());
        }
    }

    /** False if it was done before, or there was nothing to close. */
    private boolean shut(@Nullable AntiphonException cause) {
        Session current;
        synchronized (this) {
            if (life == Life.CLOSED) {
                return false;
            }
            life = Life.CLOSED;
            current = session;
            session = null;
            unwatch();
        }
        probe.giveUp();
        Thread opening = opener;
        if (opening != null) {
            opening.interrupt();
        }
        started.completeExceptionally(failures.closed(null));
        if (current != null) {
            presence.disconnected(current);
            current.abandon();
            presence.lost();
        }
        restorables.lost();
        restorables.clear();
        queues.forEach(DeliveryQueue::abandon);
        events.close(cause);
        threads.shutdown();
        return true;
    }

    private static void awaitUntil(CompletableFuture<?> future, long end) {
        try {
            Object unused = future.get(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException late) {
            // it was worth a try
        }
    }

    <T> CompletableFuture<T> outside(CompletableFuture<T> stage) {
        CompletableFuture<T> handed = new CompletableFuture<>();
        CompletableFuture<T> unused = stage.whenCompleteAsync(
                (result, failure) -> {
                    if (failure == null) {
                        handed.complete(result);
                    } else {
                        handed.completeExceptionally(Objects.requireNonNull(Topics.unwrapped(failure)));
                    }
                },
                threads.outside());
        return handed;
    }
}
