package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.DrainReport;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The subscribers and responders of a messenger, and what they share. */
final class Responders {

    /** How long a broker may take to confirm a subscription. */
    static final Duration SUBSCRIBE_LIMIT = Duration.ofSeconds(10);

    private final Transport transport;
    private final boolean transportExpires;
    private final Counters counters;
    private final Hooks hooks;
    private final Executor handlerExecutor;
    private final Executor fallbackExecutor;
    private final LongSupplier clock;
    private final ControlCodec codec = new ControlCodec();
    private final Set<Registration> registrations = ConcurrentHashMap.newKeySet();

    Responders(
            Transport transport,
            Counters counters,
            Hooks hooks,
            Executor handlerExecutor,
            Executor fallbackExecutor,
            LongSupplier clock) {
        this.transport = transport;
        this.transportExpires = transport.capabilities().has(Capabilities.Capability.NATIVE_EXPIRY);
        this.counters = counters;
        this.hooks = hooks;
        this.handlerExecutor = handlerExecutor;
        this.fallbackExecutor = fallbackExecutor;
        this.clock = clock;
    }

    /** Subscribes at the broker and waits until it is effective. */
    <R extends Registration> R add(R registration, boolean runsUserCode) {
        registrations.add(registration);
        SubscribeSpec spec = new SubscribeSpec(
                registration.subject(),
                registration.queueGroup().orElse(null),
                registration.maxUnsettled(),
                runsUserCode);
        CompletableFuture<TransportSubscription> subscribing = null;
        try {
            subscribing = transport.subscribe(spec, registration).toCompletableFuture();
            registration.subscribed(subscribing.get(SUBSCRIBE_LIMIT.toNanos(), TimeUnit.NANOSECONDS));
            return registration;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw abandon(
                    registration,
                    subscribing,
                    new AntiphonException(ErrorCode.CANCELLED, "interrupted while subscribing", e));
        } catch (TimeoutException e) {
            throw abandon(
                    registration,
                    subscribing,
                    new AntiphonException(
                            ErrorCode.TIMEOUT,
                            "the broker did not confirm the subscription within " + SUBSCRIBE_LIMIT,
                            e));
        } catch (ExecutionException | CompletionException e) {
            throw abandon(registration, null, failureOf(e.getCause() == null ? e : e.getCause()));
        } catch (RuntimeException e) {
            throw abandon(registration, null, failureOf(e));
        }
    }

    /** Leaves nothing of a subscription that failed, also if the broker confirms it later. */
    private AntiphonException abandon(
            Registration registration,
            @Nullable CompletableFuture<TransportSubscription> subscribing,
            AntiphonException failure) {
        registration.close(); // it may have been given messages already
        if (subscribing != null) {
            subscribing.thenAccept(TransportSubscription::stop);
        }
        return failure.about(registration.subject(), null);
    }

    private static AntiphonException failureOf(Throwable failure) {
        return failure instanceof AntiphonException ours
                ? ours
                : new AntiphonException(ErrorCode.INTERNAL, "subscribing failed: " + failure, failure);
    }

    void remove(Registration registration) {
        registrations.remove(registration);
    }

    /** Drains all of them at the same time. */
    CompletableFuture<List<DrainReport>> drain(Duration limit) {
        List<CompletableFuture<DrainReport>> drains = new ArrayList<>();
        for (Registration registration : registrations) {
            drains.add(registration.drain(limit));
        }
        return CompletableFuture.allOf(drains.toArray(new CompletableFuture<?>[0]))
                .thenApply(
                        ignored -> drains.stream().map(CompletableFuture::join).toList());
    }

    void close() {
        registrations.forEach(Registration::close);
    }

    /** How many messages and requests are queued or being handled. */
    int load() {
        int sum = 0;
        for (Registration registration : registrations) {
            sum += registration.load();
        }
        return sum;
    }

    boolean transportExpires() {
        return transportExpires;
    }

    Transport transport() {
        return transport;
    }

    Counters counters() {
        return counters;
    }

    Hooks hooks() {
        return hooks;
    }

    Executor handlerExecutor() {
        return handlerExecutor;
    }

    /** The messenger's own executor; it also takes what the user's refused. */
    Executor fallbackExecutor() {
        return fallbackExecutor;
    }

    ControlCodec codec() {
        return codec;
    }

    long now() {
        return clock.getAsLong();
    }
}
