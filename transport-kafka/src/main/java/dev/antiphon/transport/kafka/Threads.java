package dev.antiphon.transport.kafka;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of one transport, the native client's included: daemons, that end when idle or at the latest on close. */
final class Threads {

    private static final long IDLE_MILLIS = 500;

    private final String prefix;
    private final AtomicInteger count = new AtomicInteger();
    private final ThreadPoolExecutor pool;
    private final ThreadPoolExecutor events;
    private final ScheduledThreadPoolExecutor timer;

    Threads(String connectionName) {
        prefix = "antiphon-kafka-" + connectionName;
        ThreadFactory factory = task -> {
            Thread thread = new Thread(task, name(Integer.toString(count.incrementAndGet())));
            thread.setDaemon(true);
            return thread;
        };
        pool = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_MILLIS, TimeUnit.MILLISECONDS, new SynchronousQueue<>(), factory);
        events = new ThreadPoolExecutor(1, 1, IDLE_MILLIS, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), factory);
        events.allowCoreThreadTimeOut(true);
        timer = new ScheduledThreadPoolExecutor(1, factory);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setRemoveOnCancelPolicy(true);
    }

    /** The name of a thread of this transport. */
    String name(String role) {
        return prefix + "-" + role;
    }

    /** A thread for each task, at once. */
    ExecutorService pool() {
        return pool;
    }

    /** One task after the other. */
    ExecutorService events() {
        return events;
    }

    ScheduledExecutorService timer() {
        return timer;
    }

    /** Runs a quick task later. False if everything is closed. */
    boolean later(Runnable task, long delay, TimeUnit unit) {
        try {
            ScheduledFuture<?> unused = timer.schedule(task, delay, unit);
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }

    /** Where callers' continuations run: not on the reader's thread; and after the close on the completing one. */
    Executor outside() {
        return task -> {
            try {
                pool.execute(task);
            } catch (RejectedExecutionException closed) {
                task.run();
            }
        };
    }

    /** Takes no more tasks; those that run go on. */
    void shutdown() {
        timer.shutdownNow();
        events.shutdown();
        pool.shutdown();
    }
}
