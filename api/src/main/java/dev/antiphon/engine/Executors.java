package dev.antiphon.engine;

import dev.antiphon.MessengerOptions;
import dev.antiphon.RespondOptions;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The executors of a messenger: the user's, or its own. */
final class Executors {

    private static final Logger log = LoggerFactory.getLogger(Executors.class);
    private static final int MAX_COMPLETION_THREADS = 256;
    /** Twice what one responder may occupy by default, so that one whose handlers all block does not stop the others. */
    private static final int MAX_HANDLER_THREADS = 2 * RespondOptions.DEFAULTS.concurrency();

    private final WorkerPool pool;
    private final WorkerPool handlerPool;
    private final @Nullable ExecutorService virtualThreads;
    private final Executor handlers;
    private final @Nullable Executor completions;

    Executors(String name, MessengerOptions options, Runnable wakeTicker) {
        int processors = Math.max(2, Runtime.getRuntime().availableProcessors());
        pool = new WorkerPool("antiphon-completion-" + name, processors, MAX_COMPLETION_THREADS, wakeTicker);
        handlerPool = new WorkerPool("antiphon-handler-" + name, processors, MAX_HANDLER_THREADS, wakeTicker);
        virtualThreads = options.handlerExecutor() == null ? newVirtualThreads() : null;
        handlers = options.handlerExecutor() != null
                ? options.handlerExecutor()
                : virtualThreads != null ? virtualThreads : handlerPool;
        Executor given = options.completionExecutor();
        completions = options.completeOnTransportThread() ? null : given == null ? pool : withFallback(given, pool);
    }

    /** Runs handlers. May reject. */
    Executor handlers() {
        return handlers;
    }

    /** Runs dependents of calls; null for the thread that ends the call. Never rejects. */
    @Nullable
    Executor completions() {
        return completions;
    }

    /** The messenger's own pool. Never rejects. */
    Executor own() {
        return pool;
    }

    boolean tick() {
        boolean completing = pool.tick();
        boolean handling = handlerPool.tick();
        return completing || handling;
    }

    /** Whether the calling thread belongs to a pool of some messenger. */
    static boolean isOwnThread() {
        return WorkerPool.isWorkerThread();
    }

    /** What was queued is still run; waits for it up to the limit. */
    void shutdown(long limitNanos) {
        if (virtualThreads != null) {
            virtualThreads.shutdownNow();
        }
        handlerPool.shutdown();
        pool.shutdown();
        pool.awaitTermination(limitNanos);
        handlerPool.awaitTermination(1);
    }

    /** A virtual thread for each task, or null where the JVM has none (before Java 21). */
    private static @Nullable ExecutorService newVirtualThreads() {
        if (Runtime.version().feature() < 21) {
            return null;
        }
        try {
            return (ExecutorService) java.util.concurrent.Executors.class
                    .getMethod("newVirtualThreadPerTaskExecutor")
                    .invoke(null);
        } catch (ReflectiveOperationException e) {
            log.debug("no virtual threads", e);
            return null;
        }
    }

    /** A completion that the user's executor rejects must not be lost. */
    private static Executor withFallback(Executor given, Executor fallback) {
        return task -> {
            try {
                given.execute(task);
            } catch (RejectedExecutionException e) {
                fallback.execute(task);
            }
        };
    }
}
