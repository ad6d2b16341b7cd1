package dev.antiphon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.MessengerOptions;
import dev.antiphon.RemoteException;
import dev.antiphon.Request;
import dev.antiphon.RequestHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Answers a request by running a shell command: the body is its stdin, its stdout is the reply. A non-zero exit is an
 * error reply with code {@code EXIT_<n>} and the last line of stderr. A command that outlives its request is killed.
 */
final class ShellHandler implements RequestHandler {

    private static final String VARIABLE = "ANTIPHON_";

    private final String command;

    /** Reads and writes block while the command runs. */
    private final Executor pipes = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "command-pipe");
        thread.setDaemon(true);
        return thread;
    });

    ShellHandler(String command) {
        this.command = command;
    }

    @Override
    public Message handle(Request request) throws Exception {
        long limit = request.remaining().orElse(MessengerOptions.MAX_TIMEOUT).toNanos();
        Process process = start(request);
        request.onCancel(() -> kill(process));
        try {
            return run(process, limit);
        } finally {
            kill(process);
        }
    }

    /** Starts the command for a request, whose body it gets. */
    Process start(Request request) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command);
        Map<String, String> environment = builder.environment();
        environment.put(VARIABLE + "SUBJECT", request.subject());
        Headers headers = request.message().headers();
        headers.names()
                .forEach(name ->
                        environment.put(variable(name), headers.first(name).orElse("")));
        Process process = builder.start();
        byte[] body = request.message().sharedBytes();
        pipes.execute(() -> write(process.getOutputStream(), body));
        return process;
    }

    /** Kills the command and what it has started. */
    static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** The last line that the command writes to its stderr; known when it has ended. */
    CompletableFuture<String> lastWords(Process process) {
        return CompletableFuture.supplyAsync(() -> lastLine(process.getErrorStream()), pipes);
    }

    /** What a command that failed is answered with. */
    static RemoteException failure(int exit, String lastWords) {
        return new RemoteException("EXIT_" + exit, lastWords.isEmpty() ? "the command ended with " + exit : lastWords);
    }

    /** {@code x-trace-id} becomes {@code ANTIPHON_HEADER_X_TRACE_ID}. */
    static String variable(String header) {
        return VARIABLE + "HEADER_" + header.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    private Message run(Process process, long limit) throws Exception {
        long start = System.nanoTime();
        CompletableFuture<byte[]> reply = CompletableFuture.supplyAsync(() -> read(process.getInputStream()), pipes);
        CompletableFuture<String> lastWords = lastWords(process);
        if (!process.waitFor(limit, TimeUnit.NANOSECONDS)) {
            throw new RemoteException("KILLED", "the command outlived its request");
        }
        long left = Math.max(1, limit - (System.nanoTime() - start));
        int exit = process.exitValue();
        if (exit != 0) {
            throw failure(exit, lastWords.get(left, TimeUnit.NANOSECONDS));
        }
        return Message.wrap(reply.get(left, TimeUnit.NANOSECONDS));
    }

    private static byte[] read(InputStream stream) {
        try (stream) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A command may end without reading its input. */
    private static void write(OutputStream stream, byte[] body) {
        try (stream) {
            stream.write(body);
        } catch (IOException ignored) {
            // told by the command's exit code, if it minds
        }
    }

    private static String lastLine(InputStream stream) {
        String last = "";
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                last = line.isBlank() ? last : line.strip();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return last;
    }
}
