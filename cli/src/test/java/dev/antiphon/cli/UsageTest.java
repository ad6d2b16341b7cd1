package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "reqest a | did you mean request",
                "nonsense | nonsense",
                "request --url nats://h | SUBJECT",
                "request a --url nats://h --timeout soon | not a duration",
                "request a --url nats://h --count 0 | --count",
                "request a --url nats://h --in-flight 0 | --in-flight",
                "request a --url nats://h --header nothing | NAME=VALUE",
                "reply a --url nats://h | --echo",
                "reply a --url nats://h --echo --body x | mutually exclusive",
                "reply a --url nats://h --echo --count 0 | --count",
                "subscribe a --url nats://h --count 0 | --count",
                "bench --external | --subject",
                "bench --size -1 | --size",
                "request a --url inmemory://x | one process",
                "reply a --echo --url inmemory://x | one process",
                "publish a --url inmemory://x | one process",
                "gather a --url inmemory://x | one process",
                "gather a --url nats://h --min -1 | min",
                "gather a --url nats://h --max 0 | max",
                "gather a --url nats://h --stall 0s | stall",
                "stream a --url inmemory://x | one process",
                "stream a --url nats://h --window 0 | window",
                "stream a --url nats://h --gap 1ms | gap",
                "stream a --url nats://h --count 0 | --count",
                "subscribe a --url inmemory://x | one process",
                "request a --url teleport://x | nats",
            })
    void run_withBadUsage_saysWhatInOneLineAndExits2(String command, String expected) {
        Shell shell = Shell.run(command.split(" "));
        assertThat(shell.exitCode()).isEqualTo(2);
        assertThat(shell.err()).startsWith("antiphon: ").contains(expected).hasLineCount(1);
        assertThat(shell.out()).isEmpty();
    }

    @Test
    void run_withoutCommand_exits2() {
        Shell shell = Shell.run();
        assertThat(shell.exitCode()).isEqualTo(2);
        assertThat(shell.err()).contains("antiphon --help");
    }

    @Test
    void request_withoutUrl_saysHowToGiveOne() {
        // An empty URL is what an unset variable looks like.
        Shell shell = Shell.run("request", "greet", "--url", "");
        assertThat(shell.exitCode()).isEqualTo(2);
        assertThat(shell.err()).contains("--url nats://localhost:4222").contains("ANTIPHON_URL");
    }

    @Test
    void request_withSecretInUrl_doesNotShowIt() {
        Shell shell = Shell.run("request", "greet", "--url", "inmemory://user:secret@name?token=secret");
        assertThat(shell.err()).contains("inmemory://name").doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"demo", "request", "gather", "stream", "reply", "publish", "subscribe", "bench", "transports"})
    void help_ofEveryCommand_showsExamplesAndCommonOptions(String command) {
        Shell shell = Shell.run(command, "--help");
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out()).contains("Usage: antiphon " + command, "Examples:", "--url", "--json", "--verbose");
    }

    @Test
    void help_ofAll_listsCommandsAndExitCodes() {
        Shell shell = Shell.run("--help");
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out()).contains("demo", "request", "gather", "stream", "reply", "publish");
        assertThat(shell.out()).contains("subscribe", "bench", "transports");
        assertThat(shell.out()).contains("Exit codes: 0 answered");
    }

    @Test
    void version_ofAll_namesJava() {
        assertThat(Shell.run("--version").out()).startsWith("antiphon ").contains("Java " + Runtime.version());
    }

    @Test
    void generateCompletion_printsAScriptThatKnowsTheCommands() {
        Shell shell = Shell.run("generate-completion");
        assertThat(shell.exitCode()).isZero();
        assertThat(shell.out()).startsWith("#!").contains("subscribe", "--in-flight");
    }
}
