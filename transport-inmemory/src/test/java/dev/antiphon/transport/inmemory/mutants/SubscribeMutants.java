package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.spi.InboundHandler;
import dev.antiphon.spi.InboundMessage;
import dev.antiphon.spi.OutboundMessage;
import dev.antiphon.spi.SendCallback;
import dev.antiphon.spi.SubscribeSpec;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportSubscription;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Defects of subscribing and leaving. */
final class SubscribeMutants {
    private SubscribeMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.of("says that it has subscribed before it has", "SUB-01", "messages received", Hasty::new),
                Mutant.of("stays subscribed after a stop", "SUB-21", "too late", Clinging::new),
                Mutant.of("loses what waits when it stops", "SUB-21", "when the stop ended", Forgetful::new),
                Mutant.of("makes one of two equal subscriptions", "SUB-03", "\"order\"", Merging::new),
                Mutant.of("stops all subscriptions to a subject together", "SUB-04", "fence message", Sweeping::new),
                Mutant.of(
                        "runs user code on the publisher's thread",
                        "SUB-22",
                        "held up by a handler",
                        Edits.spec(
                                spec -> new SubscribeSpec(spec.subject(), spec.group(), spec.maxUnsettled(), false))),
                Mutant.of(
                        "runs user code on any number of threads",
                        "SUB-22",
                        "handlers running at a time",
                        Edits.handler(SubscribeMutants::onNewThreads)),
                Mutant.of("replays old messages to new subscribers", "SUB-08", "old", Remembering::new),
                Mutant.of("keeps a message that nobody took", "PUB-04", "early", Remembering::new),
                Mutant.of("hides its own messages from itself", "SUB-17", "messages received", Deaf::new));
    }

    private static InboundHandler onNewThreads(SubscribeSpec spec, InboundHandler handler) {
        return message -> new Thread(() -> handler.onMessage(message)).start();
    }

    private static final class Hasty extends Forwarding {
        Hasty(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            CompletionStage<TransportSubscription> real = CompletableFuture.supplyAsync(
                            () -> sound.subscribe(spec, handler),
                            CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS))
                    .thenCompose(stage -> stage);
            return CompletableFuture.completedFuture(() -> real.thenCompose(TransportSubscription::stop));
        }
    }

    private static final class Clinging extends Forwarding {
        Clinging(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            return sound.subscribe(spec, handler).thenApply(real -> () -> CompletableFuture.completedFuture(null));
        }
    }

    /** Holds each message until the next one comes. */
    private static final class Forgetful extends Forwarding {
        Forgetful(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            Queue<InboundMessage> held = new ConcurrentLinkedQueue<>();
            return sound.subscribe(spec, message -> {
                InboundMessage before = held.poll();
                held.add(message);
                if (before != null) {
                    handler.onMessage(before);
                }
            });
        }
    }

    private static final class Merging extends Forwarding {
        private final Map<String, TransportSubscription> made = new ConcurrentHashMap<>();

        Merging(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            TransportSubscription before = made.get(spec.subject());
            return before != null
                    ? CompletableFuture.completedFuture(before)
                    : sound.subscribe(spec, handler).whenComplete((real, failure) -> made.put(spec.subject(), real));
        }
    }

    private static final class Sweeping extends Forwarding {
        private final Map<String, Queue<TransportSubscription>> made = new ConcurrentHashMap<>();

        Sweeping(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            Queue<TransportSubscription> all =
                    made.computeIfAbsent(spec.subject(), subject -> new ConcurrentLinkedQueue<>());
            return sound.subscribe(spec, handler).thenApply(real -> {
                all.add(real);
                return () -> CompletableFuture.allOf(all.stream()
                        .map(TransportSubscription::stop)
                        .map(CompletionStage::toCompletableFuture)
                        .toArray(CompletableFuture<?>[]::new));
            });
        }
    }

    private static final class Remembering extends Forwarding {
        private static final Map<String, OutboundMessage> KEPT = new ConcurrentHashMap<>();

        Remembering(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            if (!message.message().text().startsWith("#")) {
                KEPT.put(message.subject(), message);
            }
            sound.publish(message, callback);
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            return sound.subscribe(spec, handler).whenComplete((real, failure) -> {
                OutboundMessage kept = KEPT.get(spec.subject());
                if (kept != null) {
                    sound.publish(kept, new PublishMutants.Ignoring());
                }
            });
        }
    }

    private static final class Deaf extends Forwarding {
        private final ThreadLocal<Boolean> publishing = ThreadLocal.withInitial(() -> false);

        Deaf(Transport sound) {
            super(sound);
        }

        @Override
        public void publish(OutboundMessage message, SendCallback callback) {
            publishing.set(true);
            try {
                sound.publish(message, callback);
            } finally {
                publishing.set(false);
            }
        }

        @Override
        public CompletionStage<TransportSubscription> subscribe(SubscribeSpec spec, InboundHandler handler) {
            return sound.subscribe(spec, message -> {
                if (!publishing.get()) {
                    handler.onMessage(message);
                }
            });
        }
    }
}
