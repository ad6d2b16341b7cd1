package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import dev.antiphon.AntiphonException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All who live on a connection, and how they come to it, come back to it, and leave. What waits for the broker runs on the admin
 * thread; or on one of the resident's own, when the broker may leave it without an answer, so that the others do not wait too.
 */
final class Residents {

    /** The pause before something that the broker refused is tried again. */
    private static final long RETRY_MILLIS = 1000;

    /** How long a session is not in use yet because of those that are attached apart. */
    private static final long APART_MILLIS = 2000;

    private final AmqpLink link;
    private final Topology topology;

    /** Guarded by this. */
    private final Set<Resident> everyone = new LinkedHashSet<>();

    /** Those of them whose last attempt failed. Guarded by this. */
    private final Set<Resident> sick = new HashSet<>();

    /** Those of them that are tried again after a pause. Guarded by this. */
    private final Set<Resident> pausing = new HashSet<>();

    Residents(AmqpLink link, Topology topology) {
        this.link = link;
        this.topology = topology;
    }

    synchronized void add(Resident resident) {
        everyone.add(resident);
    }

    synchronized void remove(Resident resident) {
        everyone.remove(resident);
        sick.remove(resident);
        pausing.remove(resident);
    }

    private synchronized boolean contains(Resident resident) {
        return everyone.contains(resident);
    }

    /** Puts everything in place on a new session; what does not get an answer in time follows later. */
    void restore(Session session) throws IOException {
        topology.declareExchange(session);
        List<CompletableFuture<Void>> apart = new ArrayList<>();
        for (Resident resident : all()) {
            if (resident.apart() != null) {
                boolean awaited = !isSick(resident);
                CompletableFuture<Void> done = restoreApart(resident, session);
                if (awaited) {
                    apart.add(done);
                }
                continue;
            }
            try {
                resident.attach(session);
                healthy(resident);
            } catch (IOException | AlreadyClosedException e) {
                if (!BrokerErrors.isOfChannel(e)) {
                    throw e;
                }
                refused(resident, e);
            }
        }
        AmqpLink.await(
                CompletableFuture.allOf(apart.toArray(new CompletableFuture<?>[0])),
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(APART_MILLIS));
    }

    private CompletableFuture<Void> restoreApart(Resident resident, Session session) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        link.tasks(resident)
                .run(
                        () -> {
                            attach(resident, session, null);
                            done.complete(null);
                        },
                        () -> done.complete(null));
        return done;
    }

    private synchronized boolean isSick(Resident resident) {
        return sick.contains(resident);
    }

    private synchronized void healthy(Resident resident) {
        sick.remove(resident);
    }

    synchronized List<Resident> all() {
        return new ArrayList<>(everyone);
    }

    /** Attaches one, unless that was done or is of no use any more. */
    void attach(Resident resident, @Nullable Throwable after) {
        Session session = link.open();
        if (session != null) {
            attach(resident, session, after);
        } else if (resident.apart() != null) {
            later(resident, after); // a session that is being restored may not know of it
        } // else the next connection brings it back
    }

    private void attach(Resident resident, Session session, @Nullable Throwable after) {
        if (!contains(resident)) {
            return;
        }
        try {
            if (after != null && BrokerErrors.is(AMQP.NOT_FOUND, after)) {
                restoreExchange(session);
            }
            resident.attach(session);
            healthy(resident);
        } catch (AntiphonException | IOException | AlreadyClosedException e) {
            if (BrokerErrors.isOfChannel(e) || session.isOpen()) {
                refused(resident, e);
            } // else the next connection brings it back
        }
    }

    /** Whoever deleted the exchange took all bindings with it. */
    private void restoreExchange(Session session) throws IOException {
        topology.declareExchange(session);
        for (Resident resident : all()) {
            if (resident instanceof AmqpSubscription subscription) {
                subscription.bindAgain(session);
            }
        }
    }

    private void refused(Resident resident, Exception refusal) {
        AntiphonException failure = refusal instanceof AntiphonException ours
                ? ours
                : BrokerErrors.of(
                        refusal,
                        resident instanceof AmqpSubscription subscription ? subscription.subject() : null,
                        false);
        boolean first = (resident instanceof AmqpSubscription subscription && subscription.failed(failure))
                || (resident instanceof AmqpReplyChannel channel && channel.failed(failure));
        if (first) {
            remove(resident);
            return;
        }
        link.events().error(failure);
        synchronized (this) {
            if (everyone.contains(resident)) {
                sick.add(resident);
            }
        }
        later(resident, refusal);
    }

    private void later(Resident resident, @Nullable Throwable after) {
        synchronized (this) {
            if (!everyone.contains(resident) || !pausing.add(resident)) {
                return;
            }
        }
        link.threads().later(() -> again(resident, after), RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void again(Resident resident, @Nullable Throwable after) {
        synchronized (this) {
            pausing.remove(resident);
        }
        link.tasks(resident).run(() -> attach(resident, after), () -> {});
    }

    /** A channel works in order: when it answers, it has dealt with what came before. */
    void pass(CompletableFuture<Void> passed) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        try {
            for (Resident resident : all()) {
                Lane lane = resident.lane();
                if (lane != null && lane.isDirty() && lane.isOpen()) {
                    lane.flushed();
                    lane.use(channel -> answers.add(channel.asyncCompletableRpc(
                            new AMQP.Basic.Qos.Builder().prefetchCount(0).build())));
                }
            }
        } catch (IOException | AlreadyClosedException e) {
            answers.add(CompletableFuture.failedFuture(link.failures().lost(e)));
        }
        CompletableFuture<Void> unused = CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .whenComplete((ignored, failure) -> {
                    if (failure == null) {
                        passed.complete(null);
                    } else {
                        passed.completeExceptionally(failure);
                    }
                });
    }

    /** Gives everything back. The life is over. */
    void release(AntiphonException cause, Duration limit) {
        List<Resident> last;
        synchronized (this) {
            last = new ArrayList<>(everyone);
            everyone.clear();
            sick.clear();
            pausing.clear();
        }
        last.forEach(Resident::detach);
        long end = System.nanoTime() + limit.toNanos();
        for (Resident resident : last) {
            if (resident instanceof AmqpSubscription subscription) {
                subscription.failed(cause);
                subscription.abandon(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
            } else if (resident instanceof AmqpReplyChannel channel) {
                channel.failed(cause);
            }
        }
    }
}
