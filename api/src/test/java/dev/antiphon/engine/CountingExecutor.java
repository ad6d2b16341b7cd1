package dev.antiphon.engine;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** Runs tasks on the calling thread, and counts them. */
final class CountingExecutor implements Executor {

    final AtomicInteger tasks = new AtomicInteger();

    @Override
    public void execute(Runnable task) {
        tasks.incrementAndGet();
        task.run();
    }
}
