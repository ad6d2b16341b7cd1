package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

/** What the demo must show, wherever it runs. */
final class DemoOutput {

    private DemoOutput() {}

    static void assertComplete(String out) {
        assertThat(out)
                .contains("ada, bob, cyd")
                .contains("apple costs 42")
                .contains("20,000 answered, 0 failed")
                .contains("NO_RESPONDERS after")
                .contains("TIMEOUT after ")
                .contains("REMOTE OUT_OF_STOCK")
                .contains("bob drains with 500 in flight")
                .contains("0 abandoned")
                .contains("0, 0 and 0 left")
                .contains("Everything went as expected.")
                .doesNotContain("FAILED", "\033[");
        assertThat(out.lines().count()).isBetween(20L, 40L);
    }
}
