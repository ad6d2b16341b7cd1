package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import dev.antiphon.AntiphonException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** All who live on a connection, and how they come to it, come back to it, and leave. What waits runs on the admin thread. */
final class Residents {

    /** The pause before something that the broker refused is tried again. */
    private static final long RETRY_MILLIS = 1000;

    private final AmqpLink link;
    private final Topology topology;

    /** Guarded by this. */
    private final Set<Resident> everyone = new LinkedHashSet<>();

    Residents(AmqpLink link, Topology topology) {
        this.link = link;
        this.topology = topology;
    }

    synchronized void add(Resident resident) {
        everyone.add(resident);
    }

    synchronized void remove(Resident resident) {
        everyone.remove(resident);
    }

    private synchronized boolean contains(Resident resident) {
        return everyone.contains(resident);
    }

    /** Puts everything in place on a new session. */
    void restore(Session session) throws IOException {
        topology.declareExchange(session);
        for (Resident resident : all()) {
            try {
                resident.attach(session);
            } catch (IOException | AlreadyClosedException e) {
                if (!BrokerErrors.isOfChannel(e)) {
                    throw e;
                }
                refused(resident, e);
            }
        }
    }

    synchronized List<Resident> all() {
        return new ArrayList<>(everyone);
    }

    /** Attaches one, unless that was done or is of no use any more. */
    void attach(Resident resident, @Nullable Throwable after) {
        Session session = link.open();
        if (session == null || !contains(resident)) {
            return; // the next connection brings it back
        }
        try {
            if (after != null && BrokerErrors.is(AMQP.NOT_FOUND, after)) {
                restoreExchange(session);
            }
            resident.attach(session);
        } catch (AntiphonException failure) {
            refused(resident, failure);
        } catch (IOException | AlreadyClosedException e) {
            if (BrokerErrors.isOfChannel(e)) {
                refused(resident, e);
            }
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
        link.threads()
                .later(
                        () -> link.admin(() -> attach(resident, refusal), () -> {}),
                        RETRY_MILLIS,
                        TimeUnit.MILLISECONDS);
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
