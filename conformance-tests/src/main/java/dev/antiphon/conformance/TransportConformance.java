package dev.antiphon.conformance;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The suite. A transport runs it by extending this class, once per mode:
 *
 * <pre>{@code
 * class NatsConformanceTest extends TransportConformance {
 *     @Override
 *     protected TransportFixture openFixture() {
 *         return new NatsFixture();
 *     }
 * }
 * }</pre>
 *
 * <p>The outcome of every rule is compared with {@code src/test/resources/conformance/<mode>.expected.json}; a difference either way
 * is a failure. {@code -Dconformance.update=true} writes that file. A rule that was skipped, disabled, overridden or not run is a
 * failure too; {@code -Dconformance.partial=true} allows running some of them while working on them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(ConformanceExtension.class)
public abstract class TransportConformance
        implements PublishRules,
                SubscribeRules,
                HandOverRules,
                QueueGroupRules,
                WildcardRules,
                RequestReplyRules,
                ReplyRules,
                SurplusReplyRules,
                RequestFaultRules,
                TimeoutRules,
                NoResponderRules,
                DrainRules,
                CloseRules,
                ReconnectRules,
                ConnectionStateRules,
                InterruptedRequestRules,
                ConcurrencyRules,
                PayloadRules,
                BadInputRules,
                LeakRules,
                FrameRules,
                GatherRules,
                StreamRules,
                RaceRules,
                SendRules,
                DedupRules,
                ConfigurationRules {
    private volatile @Nullable Harness harness;

    /** For subclasses. */
    protected TransportConformance() {}

    /** The fixture of the transport in this mode. Called once; closed after the last rule. */
    protected abstract TransportFixture openFixture();

    /** For the suite. */
    @Override
    public final Harness harness() {
        Harness current = harness;
        if (current == null) {
            throw new IllegalStateException("no rule is running");
        }
        return current;
    }

    final void use(@Nullable Harness current) {
        harness = current;
    }
}
