package dev.antiphon.transport.inmemory;

import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportSubscription;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A subscription: its handler is called on the publisher's thread, or on its own thread if it runs user code. */
final class InMemorySubscription implements TransportSubscription {

    private final InMemoryTransport transport;
    private final InMemoryBroker broker;
    private final SubscribeSpec spec;
    private final InboundHandler handler;
    private final @Nullable SerialDeliveries serial;
    private @Nullable CompletableFuture<Void> stopped;

    InMemorySubscription(
            InMemoryTransport transport, InMemoryBroker broker, SubscribeSpec spec, InboundHandler handler) {
        this.transport = transport;
        this.broker = broker;
        this.spec = spec;
        this.handler = handler;
        this.serial = spec.runsUserCode()
                ? new SerialDeliveries(
                        "antiphon-inmemory-" + broker.name() + "-" + spec.subject(),
                        spec.subject(),
                        handler,
                        transport.events())
                : null;
    }

    void start() {
        if (serial != null) {
            serial.start();
        }
        broker.add(this);
    }

    String subject() {
        return spec.subject();
    }

    Optional<String> group() {
        return spec.queueGroup();
    }

    void deliver(InMemoryDelivery delivery) {
        if (serial == null) {
            handler.onMessage(delivery);
        } else {
            serial.add(delivery);
        }
    }

    /**
     * Stops. A publisher that found this subscription just before still hands its message over here, and the stage waits
     * for it: nothing is lost between two members of a group.
     */
    @Override
    public synchronized CompletionStage<Void> stop() {
        if (stopped == null) {
            transport.forget(this);
            CompletableFuture<Void> handedOver = broker.remove(this);
            stopped = serial == null ? handedOver : handedOver.thenCompose(done -> serial.stop());
        }
        return stopped.copy();
    }

    /** Ends the thread, if there is one, without handling what waits. The subscription is stopped already. */
    void abandon(Duration limit) {
        if (serial != null) {
            serial.abandon(limit);
        }
    }
}
