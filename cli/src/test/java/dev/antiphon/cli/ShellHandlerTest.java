package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RemoteException;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.StreamOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
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

    @Test
    void handle_whenTheRequestIsCancelled_killsTheCommand() {
        String mark = "86" + System.nanoTime() % 1_000_000;
        messenger.respond("slow", new ShellHandler("sleep " + mark));
        Call call = messenger.request("slow", Message.empty(), PATIENT.withCancellable(true));
        Awaitility.await().atMost(Shell.PATIENCE).until(() -> running(mark) > 0);

        call.cancel();

        Awaitility.await().atMost(Shell.PATIENCE.dividedBy(3)).until(() -> running(mark) == 0);
    }

    /** More than fits into the pipes: who writes it all before he reads waits for ever. */
    @Test
    void stream_ofALargeBody_passesThrough() {
        messenger.respondStream("lines", new ShellStream("cat"), RespondOptions.DEFAULTS);
        String line = "x".repeat(99);
        Lines lines = new Lines();

        messenger.stream("lines", Message.of((line + "\n").repeat(10_000)), StreamOptions.DEFAULTS)
                .subscribe(lines);

        assertThat(lines.end
                        .orTimeout(Shell.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .join())
                .hasSize(10_000)
                .containsOnly(line);
    }

    /** Collects a stream. */
    private static final class Lines implements Flow.Subscriber<Message> {
        private final CompletableFuture<List<String>> end = new CompletableFuture<>();
        private final List<String> lines = new ArrayList<>();

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(Message item) {
            lines.add(item.text());
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            end.complete(lines);
        }
    }

    private static long running(String mark) {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains(mark))
                .count();
    }
}
