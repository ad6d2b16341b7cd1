package dev.antiphon.transport.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.conformance.TransportConformance;
import dev.antiphon.conformance.TransportFixture;
import dev.antiphon.conformance.Waiver;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.opentest4j.TestAbortedException;

/** No transport gets by with rules that did not judge it. */
class NoSilentSkipTest {
    private static final Mutant LOSSY = PublishMutants.all().get(0);

    private Launches launches;

    @BeforeEach
    void installProvider(@TempDir Path directory) throws IOException {
        launches = new Launches(directory);
    }

    @AfterEach
    void removeProvider() {
        launches.close();
    }

    /** Whose rule is emptied. */
    static class Overriding extends MutantConformance {
        @Override
        public void publish_toOneSubject_doesNotReachAnother() {}
    }

    @Test
    void rule_overridden_failsTheClass() {
        EngineExecutionResults results = launches.whole(Overriding.class, Mutant.none(), "PUB-01");

        assertThat(Launches.failures(results.containerEvents())).contains("PUB-03 OVERRIDDEN");
    }

    @Test
    void rules_notRun_failTheClass() {
        EngineExecutionResults results = launches.whole(MutantConformance.class, Mutant.none(), "PUB-01");

        assertThat(results.testEvents().succeeded().count()).isEqualTo(1);
        assertThat(Launches.failures(results.containerEvents()))
                .contains("PUB-03 NOT RUN", "-Dconformance.partial=true")
                .doesNotContain("PUB-01");
    }

    /** Whose rules are switched off from outside. */
    @ExtendWith(SwitchedOff.class)
    static class Disabled extends MutantConformance {}

    static final class SwitchedOff implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return context.getTestMethod().isPresent()
                    ? ConditionEvaluationResult.disabled("too hard")
                    : ConditionEvaluationResult.enabled("");
        }
    }

    @Test
    void rule_disabled_failsTheClass() {
        EngineExecutionResults results = launches.whole(Disabled.class, Mutant.none(), "PUB-01");

        assertThat(Launches.failures(results.containerEvents())).contains("PUB-01 SKIPPED disabled: too hard");
    }

    /** Who gives up before each rule. */
    @ExtendWith(GivingUp.class)
    static class Aborting extends MutantConformance {}

    static final class GivingUp implements InvocationInterceptor {
        @Override
        public void interceptTestMethod(
                Invocation<Void> invocation,
                ReflectiveInvocationContext<Method> invocationContext,
                ExtensionContext context) {
            throw new TestAbortedException("no broker today");
        }
    }

    @Test
    void rule_aborted_fails() {
        EngineExecutionResults results = launches.partial(Aborting.class, Mutant.none(), "PUB-01");

        assertThat(results.testEvents().aborted().count()).isZero();
        assertThat(Launches.failures(results.testEvents())).contains("a rule must not skip itself", "no broker today");
    }

    /** Whose rule may fail until tomorrow. */
    static class Waiving extends TransportConformance {
        @Override
        protected TransportFixture openFixture() {
            return MutantFixture.withWaivers(new Waiver(
                    "PUB-01", "issue 17", LocalDate.now(ZoneOffset.UTC).plusDays(2)));
        }
    }

    @Test
    void rule_waived_mayFail() {
        EngineExecutionResults results = launches.partial(Waiving.class, LOSSY, "PUB-01");

        assertThat(results.testEvents().succeeded().count()).isEqualTo(1);
    }

    @Test
    void rule_waivedButPassing_fails() {
        EngineExecutionResults results = launches.partial(Waiving.class, Mutant.none(), "PUB-01");

        assertThat(Launches.failures(results.testEvents())).contains("remove its waiver", "issue 17");
    }

    /** Whose rule might have failed until yesterday. */
    static class WaivingTooLong extends TransportConformance {
        @Override
        protected TransportFixture openFixture() {
            return MutantFixture.withWaivers(new Waiver(
                    "PUB-01", "issue 17", LocalDate.now(ZoneOffset.UTC).minusDays(2)));
        }
    }

    @Test
    void rule_waivedTooLong_fails() {
        EngineExecutionResults results = launches.partial(WaivingTooLong.class, LOSSY, "PUB-01");

        assertThat(Launches.failures(results.testEvents())).contains("messages lost");
    }
}
