package dev.antiphon.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/** The command line as a process of its own, killed at the latest with this JVM. */
final class CliProcess implements AutoCloseable {

    private final Process process;
    private final Path out;
    private final Path err;
    private final Thread hook;

    private CliProcess(List<String> command) {
        try {
            out = Files.createTempFile("antiphon-", ".out");
            err = Files.createTempFile("antiphon-", ".err");
            process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        hook = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static CliProcess start(String... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(List.of(args));
        return new CliProcess(command);
    }

    /** Starts a responder and waits until it serves. */
    static CliProcess responder(String... args) {
        CliProcess responder = start(args);
        return responder.awaitErr("replying to");
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    CliProcess awaitErr(String text) {
        Awaitility.await(text).atMost(Shell.PATIENCE).until(() -> err().contains(text) || !process.isAlive());
        if (!err().contains(text)) {
            throw new AssertionError("ended without \"" + text + "\": " + err());
        }
        return this;
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** SIGTERM, as soon as it is so. */
    void terminateWhen(BooleanSupplier condition) {
        Awaitility.await().atMost(Shell.PATIENCE).until(condition::getAsBoolean);
        terminate();
    }

    long descendants() {
        return process.descendants().count();
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
    }

    int exitCode() {
        try {
            if (!process.waitFor(Shell.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("still running: " + out() + err());
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
        exitCode();
        Runtime.getRuntime().removeShutdownHook(hook);
        try {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
