package dev.antiphon.transport.nats;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.DeliveryQueue;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportEvents;
import dev.antiphon.spi.TransportListener;
import dev.antiphon.spi.TransportThreads;
import io.nats.client.Connection;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The life of a connection: made, lost, restored, closed; and the subscriptions that live through it.
 *
 * <p>What happens to the connection is heard from {@link NatsPort}, on the threads that read and write, the moment it
 * happens: the first answered ping means that the server took us in, a read or write that fails means that it is lost.
 * Then messages are refused until every subscription is back at the server and a ping behind them was answered. The lock
 * of this object orders these events; nothing is waited for while it is held.
 */
final class NatsLink {

    private enum Life {
        NEW,
        CONNECTING,
        CONNECTED,
        RECONNECTING,
        CLOSED
    }

    private final Failures failures;
    private final TransportThreads threads;
    private final TransportEvents events;
    private final Outbox outbox;
    private final Subjects subjects;
    private final Connector connector;
    private final Inlets inlets = new Inlets();
    private final Set<DeliveryQueue> queues = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> started = new CompletableFuture<>();

    private Life life = Life.NEW;
    private @Nullable NatsPort port;
    private volatile @Nullable Connection connection;
    private @Nullable ServerError refusal;
    private @Nullable ServerError lastError;

    NatsLink(TransportConfig config) {
        failures = new Failures(config.toString());
        threads = new TransportThreads("antiphon-nats-" + config.connectionName());
        events = new TransportEvents(threads.events());
        long maxPending = config.number(NatsOptions.MAX_PENDING).orElse(Long.MAX_VALUE);
        outbox = new Outbox(threads.name("writer"), maxPending, failures);
        subjects = new Subjects(ClientOptions.inboxPrefix(config));
        connector = new Connector(config, threads, this);
    }

    /** The link whose options these are. */
    static NatsLink of(Options options) {
        if (options.getErrorListener() instanceof ClientListener listener) {
            return listener.link();
        }
        throw new IllegalStateException("a NatsPort belongs to a transport and can not be used without it");
    }

    Outbox outbox() {
        return outbox;
    }

    TransportEvents events() {
        return events;
    }

    Subjects subjects() {
        return subjects;
    }

    Failures failures() {
        return failures;
    }

    Connector connector() {
        return connector;
    }

    Optional<Connection> connection() {
        return Optional.ofNullable(connection);
    }

    /** A queue for one subscription. */
    DeliveryQueue newQueue(String name) {
        DeliveryQueue queue = new DeliveryQueue(threads.name(name), events::error, queues::remove);
        queues.add(queue);
        return queue;
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
        outbox.start();
        threads.pool().execute(connector::connect);
        return started;
    }

    /** The native client has its first connection, which may be lost again already. False if nobody wants it any more. */
    boolean connected(Connection made) {
        connection = made;
        boolean wanted;
        synchronized (this) {
            wanted = life == Life.CONNECTING;
            if (port != null && wanted) {
                opened(port);
            }
        }
        if (!wanted) {
            Connector.close(made);
            shutdownWhenClosed();
        }
        return wanted;
    }

    /** The native client could not connect. */
    void startFailed(Function<@Nullable ServerError, AntiphonException> why) {
        AntiphonException failure;
        boolean wanted;
        synchronized (this) {
            wanted = life == Life.CONNECTING;
            life = Life.CLOSED;
            failure = why.apply(refusal);
        }
        if (wanted) {
            release(failure);
            started.completeExceptionally(failure);
            threads.shutdown();
        } else {
            shutdownWhenClosed();
        }
    }

    /** Who closed it while it was starting needs the threads until CLOSED was told. */
    private void shutdownWhenClosed() {
        CompletableFuture<Void> unused = events.closed().thenRun(threads::shutdown);
    }

    // -- What the ports report --

    /** What a reader of this port does with what it reads. */
    FrameParser.Sink sinkOf(NatsPort reading) {
        return new FrameParser.Sink() {
            @Override
            public @Nullable Inlet inlet(int number) {
                return inlets.get(number);
            }

            @Override
            public boolean onPong() {
                return reading.onPong();
            }

            @Override
            public void onError(String text) {
                serverError(new ServerError(text));
            }

            @Override
            public void onDefect(RuntimeException defect) {
                events.error(new AntiphonException(ErrorCode.INTERNAL, "a message could not be handed over", defect));
            }
        };
    }

    /** The server took us in. */
    void established(NatsPort at) {
        List<SubscribedInlet> all;
        synchronized (this) {
            if (life == Life.CLOSED) {
                return;
            }
            port = at;
            outbox.attach(at);
            if (life == Life.CONNECTING) {
                if (connection != null) {
                    opened(at);
                }
                return;
            }
            all = inlets.all().stream().filter(inlet -> !inlet.isLeaving()).toList();
            all.forEach(inlet -> outbox.subscribe(inlet.number(), inlet.subject, inlet.group));
        }
        outbox.ping(arrived -> {
            if (arrived) {
                restored(at, all);
            }
        });
    }

    private void restored(NatsPort at, List<SubscribedInlet> all) {
        synchronized (this) {
            if (life == Life.RECONNECTING && port == at) {
                opened(at);
            }
        }
        all.forEach(SubscribedInlet::confirmed);
    }

    /** Everything is in place. Called with the lock held. */
    private void opened(NatsPort at) {
        Connection made = Objects.requireNonNull(connection);
        if (outbox.open(at, made.getMaxPayload(), made.getServerInfo().isHeadersSupported())) {
            life = Life.CONNECTED;
            refusal = null;
            lastError = null;
            events.state(ConnectionState.CONNECTED, null);
            started.complete(null);
        }
    }

    /** This connection is lost, or being closed. */
    void down(NatsPort at, @Nullable IOException cause) {
        synchronized (this) {
            if (outbox.detach(at)) {
                port = null;
                if (life == Life.CONNECTED) {
                    life = Life.RECONNECTING;
                    events.state(ConnectionState.RECONNECTING, failures.lost(lastError, cause));
                }
            }
        }
        at.failPings();
    }

    private void serverError(ServerError error) {
        boolean connecting;
        synchronized (this) {
            connecting = life == Life.CONNECTING;
            lastError = error;
            refusal = error.isAuthentication() ? error : refusal;
        }
        AntiphonException failure = error.toException();
        Optional<SubscribedInlet> denied = error.deniedSubscription().flatMap(this::unconfirmed);
        if (denied.isPresent()) {
            denied.get().failed(failure);
            inlets.remove(denied.get().number(), denied.get());
        } else if (connecting && error.isAuthentication()) {
            connector.giveUp();
        } else if (connecting) {
            connector.told(failure);
        } else if (!error.isAuthentication()) {
            events.error(failure);
        }
    }

    private Optional<SubscribedInlet> unconfirmed(String subject) {
        return inlets.all().stream()
                .filter(inlet -> inlet.subject.equals(subject) && !inlet.ready().isDone())
                .findFirst();
    }

    /** The native client closed for good. */
    void clientGaveUp() {
        AntiphonException cause;
        synchronized (this) {
            if (life != Life.CONNECTED && life != Life.RECONNECTING) {
                return;
            }
            life = Life.CLOSED;
            cause = failures.gaveUp(refusal, connector.lastProblem());
        }
        events.close(cause);
        release(cause);
        threads.shutdown();
    }

    // -- Subscriptions --

    /** Subscribes. {@link SubscribedInlet#ready()} says when that is done. */
    void subscribe(SubscribedInlet inlet) {
        synchronized (this) {
            if (life != Life.CONNECTED && life != Life.RECONNECTING) {
                inlet.failed(notOpen(inlet.subject));
                return;
            }
            inlet.number(inlets.add(inlet));
            outbox.subscribe(inlet.number(), inlet.subject, inlet.group);
        }
        outbox.ping(arrived -> {
            if (arrived) { // if not, the next connection confirms
                inlet.confirmed();
            }
        });
    }

    /** Unsubscribes. {@code done} runs when the server sends no more and all that it had sent was received. */
    void unsubscribe(SubscribedInlet inlet, Runnable done) {
        synchronized (this) {
            if (inlet.number() >= 0) {
                outbox.unsubscribe(inlet.number());
            }
        }
        outbox.ping(arrived -> {
            inlets.remove(inlet.number(), inlet);
            done.run();
        });
    }

    /** Completes when the server has dealt with everything sent before. */
    CompletableFuture<Void> flush(Duration limit) {
        synchronized (this) {
            if (life != Life.CONNECTED) {
                return CompletableFuture.failedFuture(notOpen(null));
            }
        }
        return ping().orTimeout(Math.max(1, limit.toNanos()), TimeUnit.NANOSECONDS)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        failure instanceof TimeoutException ? failures.unanswered(limit) : failure));
    }

    private CompletableFuture<Void> ping() {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        outbox.ping(arrived -> {
            if (arrived) {
                answered.complete(null);
            } else {
                answered.completeExceptionally(failures.lost(null, null));
            }
        });
        return answered;
    }

    // -- Closing --

    /** Whether the first connection is being made. */
    synchronized boolean isConnecting() {
        return life == Life.CONNECTING;
    }

    /** Whether it is over: closed, given up, or the start failed. */
    synchronized boolean isClosed() {
        return life == Life.CLOSED;
    }

    void close(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean open;
        NatsPort current;
        synchronized (this) {
            if (life == Life.CLOSED || life == Life.NEW) {
                life = Life.CLOSED;
                return;
            }
            open = life == Life.CONNECTED;
            life = Life.CLOSED;
            current = port;
            outbox.shut();
        }
        boolean reading = current != null && current.isReader();
        if (open && !reading) {
            await(ping(), deadline);
        }
        Connection made = connection;
        CompletableFuture<Void> clientClosed = closeClient(made);
        List<DeliveryQueue> running = List.copyOf(queues);
        release(failures.closed(null));
        started.completeExceptionally(failures.closed(null));
        running.stream().filter(queue -> !queue.isOwnThread()).forEach(queue -> await(queue.ended(), deadline));
        if (!reading) {
            await(clientClosed, deadline);
        }
        events.close(null);
        if (!events.isOwnThread()) {
            await(events.closed(), deadline);
        }
        if (made != null) {
            threads.shutdown(); // else the attempt that is being given up does it
        }
    }

    private CompletableFuture<Void> closeClient(@Nullable Connection made) {
        if (made == null) {
            connector.giveUp();
            return CompletableFuture.completedFuture(null);
        }
        return CompletableFuture.runAsync(() -> Connector.close(made), threads.pool());
    }

    /** Gives everything back. The life is over. */
    private void release(AntiphonException cause) {
        NatsPort last;
        synchronized (this) {
            last = port;
        }
        if (last != null) {
            down(last, null);
        }
        outbox.end();
        queues.forEach(DeliveryQueue::abandon);
        inlets.clear().forEach(inlet -> inlet.failed(cause));
    }

    private static void await(CompletableFuture<Void> stage, long deadline) {
        try {
            stage.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // the time is over, or the connection: it closes anyway
        }
    }

    // -- Answers --

    /** A stage of this transport, as callers get it: their continuations do not run on the reader's thread. */
    <T> CompletableFuture<T> outside(CompletableFuture<T> stage) {
        return stage.handleAsync((value, failure) -> null, threads.outside()).thenCompose(ignored -> stage);
    }

    /** Tells the outcome of a send. */
    void tell(SendCallback callback, @Nullable AntiphonException failure, String subject) {
        if (failure == null) {
            callback.onSent();
        } else {
            callback.onFailed(failure.code() == ErrorCode.NOT_CONNECTED ? notOpen(subject) : failure);
        }
    }

    private synchronized AntiphonException notOpen(@Nullable String subject) {
        return switch (life) {
            case CLOSED -> failures.closed(subject);
            case NEW -> failures.notStarted(subject);
            default -> failures.disconnected(subject);
        };
    }
}
