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
        return new CliProcess(command(args));
    }

    /** As {@link #start}, and certain to be interruptible: what runs in the background of a script ignores SIGINT. */
    static CliProcess startInterruptible(String... args) {
        List<String> command = command(args);
        command.addAll(0, List.of("env", "--default-signal=INT"));
        return new CliProcess(command);
    }

    private static List<String> command(String... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName()));
        command.addAll(List.of(args));
        return command;
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

    List<String> lines() {
        return out().lines().toList();
    }

    CliProcess awaitLines(int count) {
        Awaitility.await(count + " lines")
                .atMost(Shell.PATIENCE)
                .until(() -> lines().size() >= count || !process.isAlive());
        if (lines().size() < count) {
            throw new AssertionError("ended with less than " + count + " lines: " + out() + err());
        }
        return this;
    }

    /** SIGINT, as by Ctrl-C. */
    void interrupt() {
        try {
            int exit = new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new AssertionError("kill ended with " + exit);
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
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

    /** SIGKILL, to the commands that it runs as well: they would outlive it. */
    void kill() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
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
