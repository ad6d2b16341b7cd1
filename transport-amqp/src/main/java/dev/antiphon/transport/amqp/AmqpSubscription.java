package dev.antiphon.transport.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.ChannelContinuationTimeoutException;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.ShutdownSignalException;
import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportSubscription;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A subscription of the engine: a queue, a channel and a consumer, made anew on every connection.
 *
 * <p>The consumer is there before the binding. So the queue of a group never takes messages that nobody will consume,
 * and one that lost its last member in between, and with it was deleted, is noticed before anything can go there.
 */
final class AmqpSubscription implements Resident, TransportSubscription {

    /** The largest number in the protocol's field. */
    private static final int MAX_PREFETCH = 65_535;

    private static final int ATTEMPTS = 10;

    /** Those of a consumer that gets messages only when it asks for them, and never asks. RabbitMQ 4 does not know them. */
    private static final Map<String, Object> TAKES_NOTHING = Map.of("x-credit", Map.of("credit", 0L, "drain", false));

    private final AmqpLink link;
    private final SubscribeSpec spec;
    private final InboundHandler handler;
    private final Topology topology;
    private final boolean plainQueue;
    private final @Nullable ThreadPoolExecutor serial;
    private final @Nullable SerialTasks apart;
    private final CompletableFuture<TransportSubscription> ready = new CompletableFuture<>();
    private @Nullable CompletableFuture<Void> stopped;
    private volatile @Nullable Thread handling;
    private volatile @Nullable Consumption current;

    /** Used by the reader: consecutive messages mostly have the same subject. */
    private String lastKey = "";

    private String lastSubject = "";

    AmqpSubscription(AmqpLink link, SubscribeSpec spec, InboundHandler handler, Topology topology, boolean plainQueue) {
        this.link = link;
        this.spec = spec;
        this.handler = handler;
        this.topology = topology;
        this.plainQueue = plainQueue;
        serial = spec.runsUserCode() ? link.threads().serial(spec.subject()) : null;
        apart = topology.isQuorum(spec)
                ? new SerialTasks(link.threads().serial("admin-" + spec.subject()), link.events())
                : null;
    }

    /** Completes when what is published from now on will be delivered. */
    CompletableFuture<TransportSubscription> ready() {
        return ready;
    }

    boolean failed(AntiphonException why) {
        return ready.completeExceptionally(why);
    }

    String subject() {
        return spec.subject();
    }

    Refusals refusals() {
        return link.refusals();
    }

    // -- Coming, on the admin thread or apart from it --

    @Override
    public @Nullable SerialTasks apart() {
        return apart;
    }

    @Override
    public void attach(Session session) throws IOException {
        Consumption present = current;
        if (isStopping() || (present != null && present.session == session && present.lane.isOpen())) {
            return;
        }
        if (apart == null) {
            consumeOn(session);
            return;
        }
        try (Scouts.Scout scout = link.scouts().enter(session)) {
            tryOut(scout);
            // The consumer of the trial stays until then, or it would be the last one and take an auto-delete queue
            // with it.
            consumeOn(session);
        }
    }

    /** Sees to it that the queue has a leader. What else the broker does not like it says again. */
    private void tryOut(Scouts.Scout scout) throws IOException {
        Lane lane = scout.session.openLane();
        String queue = plainQueue ? spec.subject() : topology.groupQueue(spec);
        try {
            lane.channel.basicQos(1);
            if (plainQueue) {
                declarePlain(scout.session);
            } else {
                topology.declareQueue(lane.channel, spec);
            }
            lane.channel.basicConsume(queue, false, TAKES_NOTHING, new DefaultConsumer(lane.channel));
        } catch (ChannelContinuationTimeoutException e) {
            scout.spoil();
            throw Failures.leaderless(queue, "no answer within " + link.scouts().patience(), spec.subject(), e);
        } catch (IOException | AlreadyClosedException e) {
            if (BrokerErrors.is(AMQP.INTERNAL_ERROR, e)) {
                throw Failures.leaderless(queue, "the broker said" + BrokerErrors.saying(e), spec.subject(), e);
            }
            if (!BrokerErrors.isOfChannel(e)) {
                throw e;
            }
        }
    }

    private void consumeOn(Session session) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                current = consume(session);
                ready.complete(this);
                return;
            } catch (IOException e) {
                // The last member of the group left between our declaration and our consumer.
                if (!BrokerErrors.is(AMQP.NOT_FOUND, e) || spec.group() == null || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Consumption consume(Session session) throws IOException {
        Lane lane = session.openLane();
        try {
            int prefetch = Math.min(spec.maxUnsettled(), MAX_PREFETCH);
            lane.channel.basicQos(prefetch);
            boolean declared = !plainQueue || declarePlain(session);
            String queue = plainQueue ? spec.subject() : topology.declareQueue(lane.channel, spec);
            Consumption consumption =
                    new Consumption(this, session, lane, queue, declared && topology.goesWithItsConsumers(spec));
            lane.channel.basicConsume(queue, false, consumption);
            topology.bind(lane.channel, queue, spec);
            return consumption;
        } catch (IOException | RuntimeException e) {
            abort(lane);
            throw e;
        }
    }

    /** A queue that others may have declared with whatever they liked is taken as it is. False if there was one. */
    private boolean declarePlain(Session session) throws IOException {
        Lane lane = session.openLane();
        try {
            lane.channel.queueDeclarePassive(spec.subject());
            abort(lane);
            return false;
        } catch (IOException e) {
            if (!BrokerErrors.is(AMQP.NOT_FOUND, e)) {
                throw e;
            }
            Lane second = session.openLane();
            topology.declarePlain(second.channel, spec.subject());
            abort(second);
            return true;
        }
    }

    /** Binds the queue again, after the exchange was lost. */
    void bindAgain(Session session) throws IOException {
        Consumption present = current;
        if (present != null && present.session == session && present.lane.isOpen()) {
            topology.bind(present.lane.channel, present.queue, spec);
        }
    }

    @Override
    public @Nullable Lane lane() {
        Consumption present = current;
        return present == null ? null : present.lane;
    }

    @Override
    public void detach() {
        current = null;
    }

    // -- What arrives, on the reader's thread --

    String subjectOf(Envelope envelope) {
        String key = envelope.getRoutingKey();
        if (plainQueue) {
            return spec.subject();
        }
        if (!key.equals(lastKey)) {
            lastSubject = RoutingKeys.toSubject(key);
            lastKey = key;
        }
        return lastSubject;
    }

    void take(AmqpDelivery delivery) {
        if (serial == null) {
            handler.onMessage(delivery);
            return;
        }
        try {
            serial.execute(delivery);
        } catch (RejectedExecutionException closed) {
            // the transport is closed: the broker delivers it to somebody else
        }
    }

    void handle(AmqpDelivery delivery) {
        handling = Thread.currentThread();
        try {
            handler.onMessage(delivery);
        } catch (RuntimeException defect) {
            link.events()
                    .error(new AntiphonException(
                            ErrorCode.INTERNAL, "the handler of " + spec.subject() + " threw", defect));
        } finally {
            handling = null;
        }
    }

    void refusedAddress() {
        link.events()
                .error(Failures.unsent(
                        ErrorCode.INVALID_ARGUMENT,
                        "a request will not be answered: its reply address is the queue it came from",
                        spec.subject()));
    }

    AntiphonException cannotReply(String subject, @Nullable Throwable cause) {
        AntiphonException notOpen = link.notReady(subject);
        return notOpen.code() == ErrorCode.UNAVAILABLE
                ? new AntiphonException(
                        ErrorCode.CONNECTION_LOST,
                        "the channel that the request came over was closed",
                        cause,
                        false,
                        subject,
                        null)
                : notOpen;
    }

    // -- What the broker ends --

    void cancelledByBroker(Consumption consumption) {
        if (current == consumption && !isStopping()) {
            current = null;
            link.events()
                    .error(new AntiphonException(
                            ErrorCode.NOT_FOUND,
                            "the broker ended the subscription (its queue was deleted, or a node is gone); it is "
                                    + "being made again",
                            null,
                            true,
                            spec.subject(),
                            null));
            link.dropLane(consumption.lane);
            link.heal(this, null, null);
        }
    }

    void channelClosed(Consumption consumption, ShutdownSignalException signal) {
        if (current == consumption && BrokerErrors.isOfChannel(signal)) {
            current = null;
            if (!isStopping()) {
                link.heal(this, signal, spec.subject());
            }
        }
    }

    // -- Leaving --

    @Override
    public CompletionStage<Void> stop() {
        synchronized (this) {
            if (stopped != null) {
                return stopped.copy();
            }
            stopped = new CompletableFuture<>();
        }
        failed(link.failures().stopped(spec.subject()));
        link.leave(this);
        return link.outside(stopping());
    }

    private synchronized CompletableFuture<Void> stopping() {
        return Objects.requireNonNull(stopped);
    }

    synchronized boolean isStopping() {
        return stopped != null;
    }

    /**
     * Ends the consumer, where it was attached, once everything from before the stop is here. When the broker has said so, what came
     * meanwhile has been taken, too.
     */
    void cancel() {
        Consumption present = current;
        if (present != null && !present.canLeave() && link.later(this::cancel)) {
            return;
        }
        current = null;
        if (present != null && present.lane.isOpen()) {
            try {
                present.lane.channel.basicCancel(present.getConsumerTag());
            } catch (IOException | AlreadyClosedException e) {
                // it is gone, and so is what it had not handed over
            }
        }
        if (serial == null) {
            left(present);
            return;
        }
        try {
            serial.execute(() -> left(present));
        } catch (RejectedExecutionException closed) {
            left(present);
        }
    }

    private void left(@Nullable Consumption consumption) {
        if (serial != null) {
            serial.shutdown();
        }
        if (apart != null) {
            apart.shutdown();
        }
        link.forget(this);
        stopping().complete(null);
        if (consumption != null) {
            consumption.leave();
        }
    }

    /** Everything was settled after the stop. */
    void finished(Consumption consumption) {
        if (topology.isQuorum(spec)) {
            link.dropSettledLane(consumption.lane);
        } else {
            link.dropLane(consumption.lane);
        }
    }

    /** Drops what waits, and waits for the running handler unless it is the handler that calls. Ends a stop. */
    void abandon(Duration limit) {
        if (serial != null) {
            abandon(serial, limit);
        }
        if (apart != null) {
            apart.shutdown();
        }
        if (isStopping()) {
            stopping().complete(null);
        }
    }

    private void abandon(ThreadPoolExecutor serial, Duration limit) {
        serial.getQueue().clear(); // not interrupted: the engine decides about handlers
        serial.shutdown();
        if (Thread.currentThread() == handling) {
            return;
        }
        try {
            serial.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void abort(Lane lane) {
        try {
            lane.channel.abort();
        } catch (IOException | RuntimeException e) {
            // closed already
        }
    }
}
