package dev.antiphon.conformance.broker;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The process of a server that is started again and again: what {@link BrokerControl} says of start, stop, kill, pause and resume. */
final class ServerProcess implements AutoCloseable {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final Supplier<ChildProcess> launch;
    private final BooleanSupplier ready;
    private final Duration readyLimit;

    // Guarded by this.
    private @Nullable ChildProcess process;
    private boolean closed;

    /**
     * @param launch starts one
     * @param ready whether the one that was started serves clients
     */
    ServerProcess(Supplier<ChildProcess> launch, BooleanSupplier ready, Duration readyLimit) {
        this.launch = launch;
        this.ready = ready;
        this.readyLimit = readyLimit;
    }

    /** While it runs or is paused. */
    synchronized Optional<Long> pid() {
        return Optional.ofNullable(process).filter(ChildProcess::alive).map(ChildProcess::pid);
    }

    synchronized void start() {
        if (closed) {
            throw new IllegalStateException("this broker was closed");
        }
        if (process != null && process.alive()) {
            return;
        }
        ChildProcess started = launch.get();
        try {
            started.awaitReady(readyLimit, ready);
            process = started;
        } catch (RuntimeException e) {
            started.kill();
            throw e;
        }
    }

    synchronized void stop() {
        if (process != null) {
            process.stop(STOP_LIMIT);
            process = null;
        }
    }

    synchronized void kill() {
        if (process != null) {
            process.kill();
            process = null;
        }
    }

    synchronized void pause() {
        running("pause").pause();
    }

    synchronized void resume() {
        running("resume").resume();
    }

    /** Kills it for good: nobody is left to whom a farewell would matter. */
    @Override
    public synchronized void close() {
        closed = true;
        kill();
    }

    private ChildProcess running(String operation) {
        if (process == null) {
            throw new IllegalStateException("cannot " + operation + " a broker that is stopped");
        }
        return process;
    }
}
