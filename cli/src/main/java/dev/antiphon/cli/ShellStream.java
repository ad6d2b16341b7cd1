package dev.antiphon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.StreamEmitter;
import dev.antiphon.StreamHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;

/**
 * Answers a request with the lines that a shell command prints. Its stdin is the request's body. The command is held back
 * by its pipe while the requester takes no more, and killed when the requester has gone.
 */
final class ShellStream implements StreamHandler {

    private final ShellHandler shell;

    ShellStream(String command) {
        shell = new ShellHandler(command);
    }

    @Override
    public void handle(Request request, StreamEmitter emitter) throws Exception {
        Process process = shell.start(request, ProcessBuilder.Redirect.DISCARD);
        emitter.onCancel(() -> kill(process));
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            write(process.getOutputStream(), request.message().sharedBytes());
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
                emitter.fail(new RemoteException("EXIT_" + exit, "the command ended with " + exit));
            }
        } finally {
            kill(process);
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

    /** A command may end without reading its input. */
    private static void write(OutputStream stream, byte[] body) {
        try (stream) {
            stream.write(body);
        } catch (IOException ignored) {
            // told by the command's exit code, if it minds
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
