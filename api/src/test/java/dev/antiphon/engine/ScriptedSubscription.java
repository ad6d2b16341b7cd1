package dev.antiphon.engine;

import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.TransportSubscription;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One subscription of the engine's at {@link ScriptedTransport}: the test delivers to it. */
final class ScriptedSubscription implements TransportSubscription {

    final SubscribeSpec spec;
    private final InboundHandler handler;
    private final List<String> log;

    /** How {@link #stop} ends; ended already unless the test replaces it. */
    volatile CompletionStage<Void> stopping = CompletableFuture.completedFuture(null);

    ScriptedSubscription(SubscribeSpec spec, InboundHandler handler, List<String> log) {
        this.spec = spec;
        this.handler = handler;
        this.log = log;
    }

    @Override
    public CompletionStage<Void> stop() {
        log.add("stop " + spec.subject());
        return stopping;
    }

    /** Delivers a request on the calling thread. */
    ScriptedDelivery request(String body) {
        return deliver(new ScriptedDelivery(spec.subject(), Message.of(body), true));
    }

    /** Delivers a request whose requester waits for {@code millis} more. */
    ScriptedDelivery request(String body, long millis) {
        Message message = Message.of(body).withHeader(ControlHeaders.BUDGET, Long.toString(millis));
        return deliver(new ScriptedDelivery(spec.subject(), message, true));
    }

    /** Delivers a message that wants no reply. */
    ScriptedDelivery message(String body) {
        return deliver(new ScriptedDelivery(spec.subject(), Message.of(body), false));
    }

    ScriptedDelivery deliver(ScriptedDelivery delivery) {
        handler.onMessage(delivery);
        return delivery;
    }
}
