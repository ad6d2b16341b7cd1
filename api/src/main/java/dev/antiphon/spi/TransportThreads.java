package dev.antiphon.spi;

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

/**
 * The threads of one transport, and of the native client below it: daemons, that end when idle or at the latest after
 * {@link #shutdown}. Their names begin with one prefix, so that a thread dump tells whose they are.
 *
 * <p>Any thread.
 */
public final class TransportThreads {

    private static final long IDLE_MILLIS = 500;

    private final String prefix;
    private final AtomicInteger count = new AtomicInteger();
    private final ThreadFactory factory;
    private final ThreadPoolExecutor pool;
    private final ThreadPoolExecutor events;
    private final ScheduledThreadPoolExecutor timer;

    /** Threads whose names begin with {@code prefix}. None runs yet. */
    public TransportThreads(String prefix) {
        this.prefix = prefix;
        factory = task -> daemon(task, Integer.toString(count.incrementAndGet()));
        pool = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_MILLIS, TimeUnit.MILLISECONDS, new SynchronousQueue<>(), factory);
        events = serial("events");
        timer = new ScheduledThreadPoolExecutor(1, factory);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setRemoveOnCancelPolicy(true);
    }

    private Thread daemon(Runnable task, String role) {
        Thread thread = new Thread(task, name(role));
        thread.setDaemon(true);
        return thread;
    }

    /** The name of a thread of this transport. */
    public String name(String role) {
        return prefix + "-" + role;
    }

    /** Makes numbered threads. */
    public ThreadFactory factory() {
        return factory;
    }

    /** A thread for each task, at once. */
    public ExecutorService pool() {
        return pool;
    }

    /** Calls the listener: one task after the other. */
    public ExecutorService events() {
        return events;
    }

    /**
     * Runs one task after the other, on a thread of its own that is there while there is something to do and a little longer. The caller
     * shuts it down; {@link #shutdown} does not.
     */
    public ThreadPoolExecutor serial(String role) {
        ThreadPoolExecutor serial = new ThreadPoolExecutor(
                1, 1, IDLE_MILLIS, TimeUnit.MILLISECONDS, new LinkedBlockingQueue<>(), task -> daemon(task, role));
        serial.allowCoreThreadTimeOut(true);
        return serial;
    }

    /** Runs quick tasks at their time. */
    public ScheduledExecutorService timer() {
        return timer;
    }

    /** Runs a quick task later. False if everything is closed. */
    public boolean later(Runnable task, long delay, TimeUnit unit) {
        try {
            ScheduledFuture<?> unused = timer.schedule(task, delay, unit);
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }

    /** Where callers' continuations run: not on a thread that others wait for; and after the shutdown on the completing one. */
    public Executor outside() {
        return task -> {
            try {
                pool.execute(task);
            } catch (RejectedExecutionException closed) {
                task.run();
            }
        };
    }

    /** Takes no more tasks; those that run go on, and those that wait for their time are dropped. */
    public void shutdown() {
        timer.shutdownNow();
        events.shutdown();
        pool.shutdown();
    }
}
