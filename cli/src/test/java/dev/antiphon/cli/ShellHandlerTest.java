package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShellHandlerTest {

    private static final RequestOptions PATIENT = RequestOptions.timeout(Duration.ofSeconds(30));

    private final Messenger messenger = Messenger.connect("inmemory://shell-handler-test");

    @AfterEach
    void close() {
        messenger.close();
    }

    private Message ask(String command, Message message) {
        messenger.respond("shell", new ShellHandler(command));
        return messenger.request("shell", message, PATIENT).join();
    }

    @Test
    void handle_aLargeBody_passesThroughUnchanged() {
        byte[] body = new byte[1 << 20];
        new Random(1).nextBytes(body);
        assertThat(ask("cat", Message.of(body)).bytes()).isEqualTo(body);
    }

    @Test
    void handle_whenTheCommandReadsNoInput_isAnswered() {
        assertThat(ask("echo done", Message.wrap(new byte[1 << 20])).text()).isEqualTo("done\n");
    }

    @Test
    void handle_withMuchOnStderr_isAnswered() {
        assertThat(ask("head -c 1000000 /dev/zero >&2; echo done", Message.empty())
                        .text())
                .isEqualTo("done\n");
    }

    @Test
    void handle_withHeaders_showsThemInTheEnvironment() {
        Message message = Message.empty().withHeader("x-trace.id", "a b;c");
        assertThat(ask("echo $ANTIPHON_SUBJECT,$ANTIPHON_HEADER_X_TRACE_ID", message)
                        .text())
                .isEqualTo("shell,a b;c\n");
    }

    @Test
    void handle_whenTheCommandFails_throwsItsExitCodeAndLastLine() {
        RemoteException failure = catchThrowableOfType(
                RemoteException.class, () -> ask("echo one >&2; echo two >&2; exit 9", Message.empty()));
        assertThat(failure.remoteCode()).isEqualTo("EXIT_9");
        assertThat(failure.remoteMessage()).isEqualTo("two");
    }

    @Test
    void handle_whenTheRequestExpires_killsTheCommandAndItsChildren() {
        String mark = "86" + System.nanoTime() % 1_000_000;
        messenger.respond("slow", new ShellHandler("sleep " + mark + " | cat"));
        messenger
                .request("slow", Message.empty(), RequestOptions.timeout(Duration.ofSeconds(2)))
                .exceptionally(failure -> Message.empty());
        Awaitility.await().atMost(Shell.PATIENCE).until(() -> running(mark) > 0);
        Awaitility.await().atMost(Shell.PATIENCE).until(() -> running(mark) == 0);
    }

    private static long running(String mark) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(mark))
                .count();
    }
}
