package dev.antiphon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.Message;
import dev.antiphon.Request;
import dev.antiphon.StreamEmitter;
import dev.antiphon.StreamHandler;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Answers a request with the lines that a shell command prints. Its stdin is the request's body. The command is held back
 * by its pipe while the requester takes no more, and killed when the requester has gone. A non-zero exit ends the stream with
 * an error, as for {@link ShellHandler}.
 */
final class ShellStream implements StreamHandler {

    /** How long the last words of a command that has ended may take. */
    private static final long PATIENCE_SECONDS = 10;

    private final ShellHandler shell;

    ShellStream(String command) {
        shell = new ShellHandler(command);
    }

    @Override
    public void handle(Request request, StreamEmitter emitter) throws Exception {
        Process process = shell.start(request);
        emitter.onCancel(() -> ShellHandler.kill(process));
        CompletableFuture<String> lastWords = shell.lastWords(process);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                if (!send(Message.of(line), emitter)) {
                    return;
                }
            }
            int exit = process.waitFor();
            if (exit == 0) {
                emitter.complete();
            } else {
                emitter.fail(ShellHandler.failure(exit, lastWords.get(PATIENCE_SECONDS, TimeUnit.SECONDS)));
            }
        } finally {
            ShellHandler.kill(process);
        }
    }

    private static boolean send(Message item, StreamEmitter emitter) throws InterruptedException {
        while (!emitter.trySend(item)) {
            if (!emitter.awaitCredit()) {
                return false;
            }
        }
        return true;
    }
}
