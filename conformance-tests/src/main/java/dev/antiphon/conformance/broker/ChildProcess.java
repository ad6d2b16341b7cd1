package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A process that does not outlive this JVM, however the JVM ends. Needs a POSIX shell.
 *
 * <p>The JVM starts a shell, and the shell starts the process and a watchdog. The watchdog reads a pipe whose other end only this
 * JVM holds. When the JVM is gone, by {@code kill -9} too, the pipe ends; the watchdog then kills the process and removes its
 * directory. (A parent-death signal would not do: it is tied to the thread that started the child.) Shell and watchdog outlive a
 * signal to the whole process group, such as that of a terminal or of {@code timeout}.
 *
 * <p>The process works in a {@link TemporaryDirectory}, and what it prints is appended to a file there. Methods may be called from
 * any thread, but one thread at a time should tell the process what to do.
 */
public final class ChildProcess implements AutoCloseable {
    private static final Duration POLL_INTERVAL = Duration.ofMillis(2);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final int TAIL_LINES = 80;

    private static final String WATCHDOG = """
            pid_file=$1; directory=$2; shift 2
            trap : TERM INT HUP
            exec 3<&0
            "$@" </dev/null 3<&- &
            child=$!
            echo "$child" >"$pid_file.new" && mv "$pid_file.new" "$pid_file"
            (
              trap '' TERM INT HUP
              read -r _ <&3
              trap '' USR1
              kill -KILL "$child" 2>/dev/null
              # The first attempt may meet a file that the dying process still wrote.
              rm -rf "$directory" || { sleep 1; rm -rf "$directory"; }
            ) &
            watchdog=$!
            exec 3<&-
            wait "$child"; code=$?
            while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
            kill -USR1 "$watchdog" 2>/dev/null
            wait "$watchdog" 2>/dev/null
            exit "$code"
            """;

    private final String name;
    private final Process shell;
    private final Path log;
    private final ProcessHandle child;
    private volatile boolean paused;

    private ChildProcess(String name, Process shell, Path log, Path pidFile) {
        this.name = name;
        this.shell = shell;
        this.log = log;
        try {
            awaitReady(START_LIMIT, () -> Files.exists(pidFile));
        } catch (RuntimeException e) {
            // Without its shell the pipe ends, and the watchdog does the rest.
            shell.destroyForcibly();
            throw e;
        }
        child = handle(pidFile);
    }

    /**
     * Starts a process.
     *
     * @param name what it is called in messages, and its output file ({@code name.log}) in the directory
     * @param command the program and its arguments
     * @param environment added to that of this JVM
     */
    public static ChildProcess start(
            TemporaryDirectory directory, String name, List<String> command, Map<String, String> environment) {
        Path log = directory.file(name + ".log");
        Path pidFile = directory.file(name + ".pid");
        List<String> all = new ArrayList<>(List.of("sh", "-c", WATCHDOG, "watchdog"));
        all.addAll(List.of(pidFile.toString(), directory.path().toString()));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all)
                .directory(directory.path().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Files.deleteIfExists(pidFile);
            return new ChildProcess(name, builder.start(), log, pidFile);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name + ": " + String.join(" ", command), e);
        }
    }

    /** The process id of the program itself. */
    public long pid() {
        return child.pid();
    }

    /** Whether it runs; a paused process does. */
    public boolean alive() {
        return shell.isAlive();
    }

    /**
     * Asks until it is ready.
     *
     * @throws BrokerException if it ends before, or is not ready within {@code limit}
     */
    public void awaitReady(Duration limit, BooleanSupplier ready) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!ready.getAsBoolean()) {
            if (ended(POLL_INTERVAL)) {
                throw new BrokerException(
                        name + " ended with exit code " + shell.exitValue() + " before it was ready" + tail());
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new BrokerException(name + " was not ready after " + limit + tail());
            }
        }
    }

    /** Waits for its end. False if it still runs after {@code limit}. */
    boolean awaitEnd(Duration limit) {
        return ended(limit);
    }

    /** SIGTERM, and SIGKILL if it still runs after {@code limit}. Returns when it has ended. */
    public void stop(Duration limit) {
        child.destroy();
        if (paused && alive()) {
            resume();
        }
        if (!ended(limit)) {
            kill();
        }
    }

    /** SIGKILL. Returns when it has ended. */
    public void kill() {
        child.destroyForcibly();
        if (!ended(STOP_LIMIT)) {
            throw new BrokerException(name + ", process " + pid() + ", survives SIGKILL" + tail());
        }
    }

    /** SIGSTOP: it hangs, while the operating system keeps its connections up. */
    public void pause() {
        signal("STOP");
        paused = true;
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
        paused = false;
    }

    /** The last lines it printed. */
    public String logTail() {
        try {
            List<String> lines =
                    new String(Files.readAllBytes(log), UTF_8).lines().toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "(" + log + " cannot be read: " + e.getMessage() + ")";
        }
    }

    /** {@link #stop} with a limit of ten seconds. The directory stays. */
    @Override
    public void close() {
        stop(STOP_LIMIT);
    }

    private boolean ended(Duration limit) {
        try {
            return shell.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw BrokerException.interrupted("waiting for " + name, e);
        }
    }

    /** There is no way to send these from Java, but a shell always can. */
    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("sh", "-c", "kill -$1 $2", "kill", signal, Long.toString(pid()))
                    .redirectErrorStream(true)
                    .start();
            String output = new String(kill.getInputStream().readAllBytes(), UTF_8);
            if (kill.waitFor() != 0) {
                throw new BrokerException("cannot send SIG" + signal + " to " + name + ": " + output + tail());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw BrokerException.interrupted("sending SIG" + signal + " to " + name, e);
        }
    }

    private ProcessHandle handle(Path pidFile) {
        try {
            long pid = Long.parseLong(Files.readString(pidFile).strip());
            return ProcessHandle.of(pid)
                    .orElseThrow(() -> new BrokerException(name + " ended as soon as it was started" + tail()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String tail() {
        return ". The end of its log:\n" + logTail();
    }
}
