package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DemoProcessTest {

    @Test
    void demo_asAProcess_endsByItself() {
        try (CliProcess demo = CliProcess.start("demo", "--url", "inmemory://demo")) {
            assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
            DemoOutput.assertComplete(demo.out());
        }
    }
}
