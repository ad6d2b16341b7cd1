package dev.antiphon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import picocli.CommandLine.Help.Ansi;

/** Runs commands within this JVM, each with streams of its own. */
final class Shell {

    /** Starting a JVM takes long on a busy machine. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

    private Shell(boolean interactive, String input, String... args) {
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(input.getBytes(UTF_8)),
                new PrintStream(out, true, UTF_8),
                new PrintStream(err, true, UTF_8),
                interactive,
                Ansi.OFF);
        Thread thread = new Thread(() -> execute(terminal, args), "antiphon " + String.join(" ", args));
        thread.setDaemon(true);
        thread.start();
    }

    private void execute(Terminal terminal, String... args) {
        try {
            exitCode.complete(Main.run(terminal, args));
        } catch (Throwable e) {
            exitCode.completeExceptionally(e);
            throw e;
        }
    }

    /** Runs a command to its end. */
    static Shell run(String... args) {
        Shell shell = start(args);
        shell.exitCode();
        return shell;
    }

    static Shell runWithInput(String input, String... args) {
        Shell shell = new Shell(false, input, args);
        shell.exitCode();
        return shell;
    }

    static Shell runOnTerminal(String... args) {
        Shell shell = new Shell(true, "", args);
        shell.exitCode();
        return shell;
    }

    /** Begins a command that goes on. */
    static Shell start(String... args) {
        return new Shell(false, "", args);
    }

    int exitCode() {
        return exitCode.orTimeout(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                .join();
    }

    boolean running() {
        return !exitCode.isDone();
    }

    String out() {
        return out.toString(UTF_8);
    }

    String err() {
        return err.toString(UTF_8);
    }

    List<String> lines() {
        return out().lines().toList();
    }

    /** The last line of stdout, which must be JSON. */
    JsonNode json() {
        List<String> lines = lines();
        return json(lines.get(lines.size() - 1));
    }

    static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new UncheckedIOException(line, e);
        }
    }

    Shell awaitErr(String text) {
        Awaitility.await(text).atMost(PATIENCE).until(() -> err().contains(text) || !running());
        if (!err().contains(text)) {
            throw new AssertionError("ended without \"" + text + "\": " + err());
        }
        return this;
    }
}
