package dev.antiphon.transport.inmemory.mutants;

import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;

/** Defects of starting and closing, and lies about it all. */
final class LifecycleMutants {
    private LifecycleMutants() {}

    static List<Mutant> all() {
        return List.of(
                Mutant.of("never ends its close", "PUB-03", "close did not end within", Hanging::new),
                Mutant.of("leaves a thread behind", "LEAK-01", "mutant-thread", Littering::new),
                Mutant.lying("hides its wildcards", "CFG-06", "WILDCARD", RoutingMutants.hiding(Capability.WILDCARD)),
                Mutant.lying(
                        "hides its groups", "CFG-06", "QUEUE_GROUP", RoutingMutants.hiding(Capability.QUEUE_GROUP)),
                Mutant.lying(
                        "claims to redeliver", "CFG-06", "REDELIVERY", RoutingMutants.declaring(Capability.REDELIVERY)),
                Mutant.lying("claims a larger limit", "PAY-03", "TOO_LARGE", LifecycleMutants::larger));
    }

    private static Capabilities larger(Capabilities truth) {
        return truth.withLimits(new Capabilities.Limits(
                2 * truth.limits().maxBodyBytes(), truth.limits().maxSubjectBytes()));
    }

    private static final class Hanging extends Forwarding {
        Hanging(Transport sound) {
            super(sound);
        }

        @Override
        public void close(Duration limit) {
            sound.close(limit);
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class Littering extends Forwarding {
        Littering(Transport sound) {
            super(sound);
        }

        @Override
        public CompletionStage<Void> start(TransportListener listener) {
            Thread thread = new Thread(
                    () -> {
                        try {
                            new CountDownLatch(1).await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "mutant-thread");
            thread.setDaemon(true);
            thread.start();
            return sound.start(listener);
        }
    }
}
