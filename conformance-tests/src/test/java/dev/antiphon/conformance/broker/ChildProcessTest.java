package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ChildProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final TemporaryDirectory directory = TemporaryDirectory.create("child-process-test");

    @AfterEach
    void removeDirectory() {
        directory.close();
    }

    @Test
    void start_runsInItsDirectoryWithItsEnvironment() {
        try (ChildProcess child = shell("echo \"$GREETING from $PWD\"; touch ready; exec sleep 600")) {
            child.awaitReady(LIMIT, () -> Files.exists(directory.file("ready")));
            assertThat(child.logTail()).isEqualTo("hello from " + directory.path());
            assertThat(child.alive()).isTrue();
        }
    }

    @Test
    void pid_isThatOfTheProgramItself() {
        try (ChildProcess child = shell("echo $$; touch ready; exec sleep 600")) {
            child.awaitReady(LIMIT, () -> Files.exists(directory.file("ready")));
            assertThat(child.logTail()).isEqualTo(Long.toString(child.pid()));
        }
    }

    @Test
    void awaitReady_whenProcessEnds_saysExitCodeAndLog() {
        assertThatThrownBy(() -> {
                    ChildProcess child = shell("until test -e go; do sleep 0.01; done; echo no space; exit 7");
                    directory.write("go", new byte[0]);
                    child.awaitReady(LIMIT, () -> false);
                })
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("child ended with exit code 7 before it was ready")
                .hasMessageEndingWith("no space");
    }

    @Test
    void awaitReady_whenLimitPasses_saysTheLastLinesOfTheLog() {
        try (ChildProcess child = shell("for i in $(seq 100); do echo line $i; done; touch ready; exec sleep 600")) {
            child.awaitReady(LIMIT, () -> Files.exists(directory.file("ready")));
            assertThatThrownBy(() -> child.awaitReady(Duration.ofMillis(50), () -> false))
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("child was not ready after PT0.05S")
                    .hasMessageContaining("line 21\n")
                    .hasMessageEndingWith("line 100")
                    .hasMessageNotContaining("line 20\n");
        }
    }

    @Test
    void start_ofMissingProgram_fails() {
        assertThatThrownBy(() -> {
                    ChildProcess child = ChildProcess.start(directory, "child", List.of("/no/such/program"), Map.of());
                    child.awaitReady(LIMIT, () -> false);
                })
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("/no/such/program")
                .hasMessageContaining("not found");
    }

    @Test
    void stop_letsTheProcessFinish() {
        ChildProcess child = shell("trap 'echo bye; exit 0' TERM; touch ready; while :; do sleep 0.01; done");
        child.awaitReady(LIMIT, () -> Files.exists(directory.file("ready")));
        child.stop(LIMIT);
        assertThat(child.alive()).isFalse();
        assertThat(child.logTail()).isEqualTo("bye");
        child.stop(LIMIT);
    }

    @Test
    void stop_ofOneThatRefuses_killsItAfterTheLimit() {
        ChildProcess child = shell("trap '' TERM; touch ready; while :; do sleep 0.01; done");
        child.awaitReady(LIMIT, () -> Files.exists(directory.file("ready")));
        child.stop(Duration.ofMillis(50));
        assertThat(child.alive()).isFalse();
    }

    @Test
    void stop_whilePaused_letsTheProcessFinish() {
        ChildProcess child = shell("trap 'echo bye; exit 0' TERM; touch ready; while :; do sleep 0.01; done");
        child.awaitReady(LIMIT, () -> Files.exists(directory.file("ready")));
        child.pause();
        child.stop(LIMIT);
        assertThat(child.logTail()).isEqualTo("bye");
    }

    @Test
    void kill_whilePaused_endsIt() {
        ChildProcess child = shell("exec sleep 600");
        child.pause();
        child.kill();
        assertThat(child.alive()).isFalse();
    }

    @Test
    void pause_stopsTheProcessUntilResumed() throws Exception {
        Path out = directory.file("child.log");
        try (ChildProcess child = shell("while :; do echo tick; sleep 0.01; done")) {
            child.awaitReady(LIMIT, () -> child.logTail().contains("tick"));
            child.pause();
            long size = Files.size(out);
            await().during(Duration.ofMillis(200))
                    .atMost(LIMIT)
                    .until(() -> Files.size(out) <= size + "tick\n".length());
            child.resume();
            await().atMost(LIMIT).until(() -> Files.size(out) > size + "tick\n".length());
        }
    }

    @Test
    void pause_ofOneThatEnded_fails() {
        ChildProcess child = shell("exec sleep 600");
        child.kill();
        assertThatThrownBy(child::pause).isInstanceOf(BrokerException.class).hasMessageContaining("SIGSTOP");
    }

    @Test
    void end_leavesNoProcessBehind() {
        ChildProcess stopped = shell("exec sleep 600");
        ChildProcess killed = shell("exec sleep 600");
        await().atMost(LIMIT).until(() -> countGuards() == 4);
        stopped.close();
        killed.kill();
        assertThat(countGuards()).isZero();
        assertThat(directory.path()).exists();
    }

    @Test
    void end_ofTheJvm_endsProcessAndRemovesDirectory() throws Exception {
        Process jvm = ChildJvm.start(ChildJvm.OfSleep.class);
        try {
            List<String> said = ChildJvm.lines(jvm, 2);
            Path ofChild = Path.of(said.get(0));
            Optional<ProcessHandle> child = ProcessHandle.of(Long.parseLong(said.get(1)));
            assertThat(child).get().matches(ProcessHandle::isAlive);
            assertThat(ofChild).exists();
            await().atMost(LIMIT).until(() -> guards(jvm.toHandle(), ofChild).count() == 2);
            // As when the whole process group is asked to end.
            guards(jvm.toHandle(), ofChild).forEach(ProcessHandle::destroy);
            assertThat(child).get().matches(ProcessHandle::isAlive);
            jvm.destroyForcibly().waitFor();
            await().atMost(LIMIT).until(() -> !child.get().isAlive());
            await().atMost(LIMIT).until(() -> !Files.exists(ofChild));
        } finally {
            jvm.destroyForcibly();
        }
    }

    private long countGuards() {
        return guards(ProcessHandle.current(), directory.path()).count();
    }

    /** The shells and watchdogs of the processes in that directory. */
    private static Stream<ProcessHandle> guards(ProcessHandle jvm, Path directory) {
        return jvm.descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(directory.toString()));
    }

    private ChildProcess shell(String script) {
        return ChildProcess.start(directory, "child", List.of("sh", "-c", script), Map.of("GREETING", "hello"));
    }
}
