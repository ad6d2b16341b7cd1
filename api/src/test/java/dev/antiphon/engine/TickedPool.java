package dev.antiphon.engine;

import java.time.Duration;
import java.util.List;

/** A {@link WorkerPool} of two processors' size, with or without a ticker that watches over it. */
final class TickedPool implements AutoCloseable {

    static final int PARALLELISM = 2;

    final WorkerPool pool;
    private final Ticker ticker;
    private final String name;

    private TickedPool(String name, int maxThreads, Duration keepAlive, boolean ticking) {
        this.name = name;
        pool = new WorkerPool(name, PARALLELISM, maxThreads, this::wakeTicker, keepAlive.toNanos());
        ticker = new Ticker("ticker-of-" + name, System::nanoTime, now -> pool.tick());
        if (ticking) {
            ticker.start();
        }
    }

    static TickedPool ticking(String name, int maxThreads) {
        return new TickedPool(name, maxThreads, Duration.ofSeconds(10), true);
    }

    /** Nobody ticks: whatever runs needs no help. */
    static TickedPool unticked(String name, int maxThreads) {
        return new TickedPool(name, maxThreads, Duration.ofSeconds(10), false);
    }

    static TickedPool unticked(String name, int maxThreads, Duration keepAlive) {
        return new TickedPool(name, maxThreads, keepAlive, false);
    }

    private void wakeTicker() {
        ticker.wake();
    }

    /** The pool's threads that are alive. */
    List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(name + "-") && thread.isAlive())
                .toList();
    }

    @Override
    public void close() {
        pool.shutdown();
        pool.awaitTermination(Duration.ofSeconds(10).toNanos());
        ticker.stop();
    }
}
