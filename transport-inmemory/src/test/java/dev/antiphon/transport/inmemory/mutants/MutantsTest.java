package dev.antiphon.transport.inmemory.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.Events;

/** Tests the suite: every broken transport must be found out by the rule that stands for what it breaks. */
class MutantsTest {
    private Launches launches;

    static List<Mutant> mutants() {
        return Stream.of(
                        PublishMutants.all(),
                        SubscribeMutants.all(),
                        RoutingMutants.all(),
                        RequestMutants.all(),
                        ContentMutants.all(),
                        LifecycleMutants.all(),
                        FrameMutants.all(),
                        ManyRepliesMutants.all(),
                        RaceAndSendMutants.all())
                .flatMap(List::stream)
                .toList();
    }

    @BeforeEach
    void installProvider(@TempDir Path directory) throws IOException {
        launches = new Launches(directory);
    }

    @AfterEach
    void removeProvider() {
        launches.close();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void mutant_isKilledByItsRule(Mutant mutant) {
        Events tests = run(mutant, mutant.killedBy());

        assertThat(tests.failed().count())
                .as("failures of " + mutant.killedBy())
                .isEqualTo(1);
        assertThat(Launches.failures(tests)).contains(mutant.says());
    }

    @Test
    void control_withoutDefect_passesAllThoseRules() {
        String[] rules = mutants().stream().map(Mutant::killedBy).distinct().toArray(String[]::new);

        Events tests = run(Mutant.none(), rules);

        assertThat(Launches.failures(tests)).isEmpty();
        assertThat(tests.succeeded().count()).isEqualTo(rules.length);
    }

    @Test
    void control_withGoodInboxes_passes() {
        Events tests = run(Mutant.withInboxes("good inboxes", "", "", UnaryOperator.identity()), "RR-01", "RR-24");

        assertThat(Launches.failures(tests)).isEmpty();
        assertThat(tests.succeeded().count()).isEqualTo(2);
    }

    @Test
    void mutants_areManyAndDiffer() {
        assertThat(mutants())
                .hasSizeGreaterThanOrEqualTo(25)
                .extracting(Mutant::name)
                .doesNotHaveDuplicates();
        assertThat(mutants())
                .extracting(Mutant::says)
                .allSatisfy(says -> assertThat(says).isNotBlank());
    }

    private Events run(Mutant mutant, String... rules) {
        return launches.partial(MutantConformance.class, mutant, rules).testEvents();
    }
}
