package dev.antiphon.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.benchmarks.peers.Peer;
import dev.antiphon.benchmarks.worker.Protocol;
import dev.antiphon.benchmarks.worker.Worker;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One forked JVM that runs a {@link Worker}, on the same Java and class path as this one. */
final class Child implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration END_LIMIT = Duration.ofSeconds(10);

    private final String name;
    private final Process process;
    private final BufferedReader lines;
    private final PrintStream commands;

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
        lines = process.inputReader(UTF_8);
        commands = new PrintStream(process.getOutputStream(), true, UTF_8);
    }

    /** Starts it and waits until it is ready. */
    static Child start(String role, Peer peer, String url, List<String> jvmFlags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmFlags);
        command.add("-Dslf4j.internal.verbosity=ERROR");
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Worker.class.getName()));
        command.addAll(List.of(role, peer.name(), url));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Child child = new Child(role + " of " + peer.title(), process);
        try {
            child.expect(Protocol.READY, START_LIMIT);
            return child;
        } catch (Exception e) {
            child.close();
            throw e;
        }
    }

    void say(String line) {
        commands.println(line);
    }

    /** The rest of the next line, which must begin so. */
    String expect(String beginning, Duration limit) throws PeerFailure, InterruptedException {
        String line = next(limit);
        if (line.startsWith(Protocol.FAILED)) {
            throw new PeerFailure(name + ": " + line.substring(Protocol.FAILED.length()));
        }
        if (!line.startsWith(beginning)) {
            throw new PeerFailure(name + " ended or said something unexpected: " + line);
        }
        return line.substring(beginning.length());
    }

    private String next(Duration limit) throws PeerFailure, InterruptedException {
        CompletableFuture<String> line = CompletableFuture.supplyAsync(this::read);
        try {
            return line.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new PeerFailure(name + " said nothing for " + limit.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw new PeerFailure(name + ": " + e.getCause());
        }
    }

    private String read() {
        try {
            String line = lines.readLine();
            return line == null ? "(end of output)" : line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Processor time used so far. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        commands.close();
        try {
            if (process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
