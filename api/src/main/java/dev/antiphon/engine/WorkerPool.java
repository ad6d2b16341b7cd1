package dev.antiphon.engine;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs handlers and continuations: many short tasks, some that block.
 *
 * <h2>Short tasks</h2>
 *
 * A pool that wakes a thread for each task spends its time in wake-ups. Here a submitter wakes a worker only if none is
 * <em>searching</em> for work, and a worker that finds work wakes another if there is more. So under load a few workers
 * drain the queue in long runs without a system call, and a single task still starts at once. (The rule is that of Go's
 * and Tokio's schedulers.)
 *
 * <h2>Tasks that block</h2>
 *
 * The pool runs as many workers as there are processors, plus one for each worker that is blocked, up to a limit. A
 * worker that waits for a call of ours says so ({@link #beginBlocking}). Other blocking is found by {@link #tick}, which
 * is called every few milliseconds: while there is a queue, workers whose thread waits, and workers of a pool that
 * finished nothing since the last tick, do not count.
 */
final class WorkerPool implements Executor {

    private static final Logger log = LoggerFactory.getLogger(WorkerPool.class);
    private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int SPINS = 64;

    /** A stretch of time in which the calling thread waits. */
    interface Blocking {
        void end();
    }

    private static final Blocking NOT_A_WORKER = () -> {};

    private final String name;
    private final int parallelism;
    private final int maxThreads;
    private final Runnable wakeTicker;
    private final long keepAliveNanos;

    private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedDeque<Worker> idle = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedQueue<Worker> workers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicInteger searching = new AtomicInteger();
    private final AtomicInteger blockedInCalls = new AtomicInteger();
    private final AtomicInteger serial = new AtomicInteger();
    private volatile int compensation;
    private volatile boolean shutdown;
    private long finishedAtLastTick;

    /**
     * A pool without threads yet.
     *
     * @param wakeTicker called when there is a queue and no worker to take it, so that {@link #tick} is called
     */
    WorkerPool(String name, int parallelism, int maxThreads, Runnable wakeTicker) {
        this(name, parallelism, maxThreads, wakeTicker, KEEP_ALIVE_NANOS);
    }

    WorkerPool(String name, int parallelism, int maxThreads, Runnable wakeTicker, long keepAliveNanos) {
        this.name = name;
        this.parallelism = parallelism;
        this.maxThreads = maxThreads;
        this.wakeTicker = wakeTicker;
        this.keepAliveNanos = keepAliveNanos;
    }

    @Override
    public void execute(Runnable task) {
        queue.add(task);
        if (searching.get() == 0) {
            wakeOne();
        }
    }

    /** Runs one more worker, if there may be one more. */
    private void wakeOne() {
        int target = target();
        int running;
        do {
            running = active.get();
            if (running >= target) {
                wakeTicker.run();
                return;
            }
        } while (!active.compareAndSet(running, running + 1));
        searching.incrementAndGet();
        Worker worker;
        while ((worker = idle.pollFirst()) != null) {
            if (worker.wake()) {
                return;
            }
        }
        new Worker(name + "-" + serial.incrementAndGet()).start();
    }

    private int target() {
        return Math.min(maxThreads, parallelism + Math.max(compensation, blockedInCalls.get()));
    }

    /**
     * Looks for workers that are stuck and lets others run in their place. One thread at a time.
     *
     * @return whether there is a queue, and so reason to look again soon
     */
    boolean tick() {
        boolean backlog = !queue.isEmpty();
        long finished = 0;
        int blocked = 0;
        for (Worker worker : workers) {
            finished += worker.finished;
            blocked += worker.isBlocked() ? 1 : 0;
        }
        boolean stuck = backlog && finished == finishedAtLastTick;
        finishedAtLastTick = finished;
        compensation = backlog ? Math.max(2 * blocked, stuck ? active.get() : 0) : 0;
        if (backlog) {
            for (int i = active.get(); i < target() && !queue.isEmpty(); i++) {
                wakeOne();
            }
        }
        return backlog;
    }

    /** Tells the pool that the calling thread is about to wait, if it is a worker of a pool. */
    static Blocking beginBlocking() {
        return Thread.currentThread() instanceof Worker worker ? worker.beginBlocking() : NOT_A_WORKER;
    }

    /** Whether the calling thread is a worker of some pool. */
    static boolean isWorkerThread() {
        return Thread.currentThread() instanceof Worker;
    }

    /** Tasks that were queued are still run; threads end when there are none. */
    void shutdown() {
        shutdown = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }

    /** Waits until all threads have ended after {@link #shutdown}; interrupts those that have not by then. */
    void awaitTermination(long limitNanos) {
        long end = System.nanoTime() + limitNanos;
        Worker other;
        // One by one, since a worker may start another one before it ends, behind the back of an iterator.
        while ((other = otherWorker()) != null && join(other, Math.max(1, end - System.nanoTime()))) {
            if (System.nanoTime() - end >= 0) {
                break;
            }
        }
        for (Worker worker : workers) {
            if (worker != Thread.currentThread()) {
                worker.interrupt();
            }
        }
    }

    private @Nullable Worker otherWorker() {
        for (Worker worker : workers) {
            if (worker != Thread.currentThread()) {
                return worker;
            }
        }
        return null;
    }

    /** Waits for a thread; false when interrupted. */
    private static boolean join(Thread thread, long nanos) {
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, nanos);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private final class Worker extends Thread implements Blocking {

        private static final int RUNNING = 0;
        private static final int PARKED = 1;

        private final AtomicInteger parking = new AtomicInteger(RUNNING);
        private volatile boolean inTask;
        /** Written by this thread only. */
        volatile long finished;

        Worker(String threadName) {
            super(threadName);
            setDaemon(true);
            workers.add(this);
        }

        boolean wake() {
            if (parking.compareAndSet(PARKED, RUNNING)) {
                LockSupport.unpark(this);
                return true;
            }
            return false;
        }

        boolean isBlocked() {
            if (!inTask) {
                return false;
            }
            State state = getState();
            return state == State.WAITING || state == State.TIMED_WAITING || state == State.BLOCKED;
        }

        @Override
        public void run() {
            // Whoever woke this worker counted it as active and searching.
            try {
                Runnable task;
                while ((task = search()) != null) {
                    inTask = true;
                    do {
                        runTask(task);
                        task = queue.poll();
                    } while (task != null);
                    inTask = false;
                    searching.incrementAndGet();
                }
            } finally {
                workers.remove(this);
            }
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
        private void runTask(Runnable task) {
            try {
                task.run();
            } catch (Throwable failure) {
                log.error("a task of {} failed", name, failure);
            }
            Thread.interrupted(); // what one task leaves behind is not for the next
            finished++;
        }

        /** Looks for a task as a searching worker. Returns as a working one, or, with null, as one that ends. */
        private @Nullable Runnable search() {
            do {
                for (int i = 0; i < SPINS; i++) {
                    Runnable task = queue.poll();
                    if (task != null) {
                        searching.decrementAndGet();
                        if (!queue.isEmpty() && searching.get() == 0) {
                            wakeOne();
                        }
                        return task;
                    }
                    Thread.onSpinWait();
                }
            } while (rest());
            return null;
        }

        /** Parks until woken; false when this worker is to end. */
        private boolean rest() {
            parking.set(PARKED);
            idle.addFirst(this);
            searching.decrementAndGet();
            active.decrementAndGet();
            // A task queued before the counters fell may have found a searching worker and woken nobody.
            if (!queue.isEmpty() && searching.get() == 0) {
                wakeOne();
            }
            long idleSince = System.nanoTime();
            while (parking.get() == PARKED) {
                // Looked at before parking: the wake-up of a shutdown is lost on a thread that had not started yet.
                boolean tired = shutdown || System.nanoTime() - idleSince >= keepAliveNanos;
                if (tired && parking.compareAndSet(PARKED, RUNNING)) {
                    idle.remove(this);
                    return false;
                }
                LockSupport.parkNanos(this, keepAliveNanos);
            }
            return true;
        }

        Blocking beginBlocking() {
            if (blockedInCalls.incrementAndGet() >= maxThreads) {
                blockedInCalls.decrementAndGet();
                throw new AntiphonException(
                        ErrorCode.RESOURCE_EXHAUSTED,
                        "all " + maxThreads + " threads of " + name + " would be waiting for calls, so that nobody is "
                                + "left to do the work they wait for; use respondAsync, or more responders");
            }
            if (!queue.isEmpty()) {
                wakeOne();
            }
            return this;
        }

        @Override
        public void end() {
            blockedInCalls.decrementAndGet();
        }
    }
}
