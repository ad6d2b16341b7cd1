package dev.antiphon.spi;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs the deliveries of one subscription one after the other, on a thread that is there while there is something to do
 * and a little longer. The reader only adds: so a handler that is held up does not hold up replies, other subscriptions,
 * or the pings that keep the connection.
 *
 * <p>Any thread. Nothing waits.
 */
public final class DeliveryQueue {

    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String threadName;
    private final Consumer<AntiphonException> onError;
    private final Consumer<DeliveryQueue> onEnd;
    private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile @Nullable Thread thread;
    private volatile boolean asleep;
    private volatile boolean ending;
    private volatile boolean abandoned;

    /**
     * A queue without a thread yet.
     *
     * @param threadName what its thread is called
     * @param onError told what a delivery threw, on the queue's thread
     * @param onEnd told once, when nothing runs any more
     */
    public DeliveryQueue(String threadName, Consumer<AntiphonException> onError, Consumer<DeliveryQueue> onEnd) {
        this.threadName = threadName;
        this.onError = onError;
        this.onEnd = onEnd;
    }

    /** Runs it after those that were added before. Not after {@link #end} or {@link #abandon}. */
    public void add(Runnable delivery) {
        queue.add(delivery);
        if (asleep) {
            asleep = false;
            LockSupport.unpark(thread);
        } else if (thread == null) {
            start();
        }
    }

    private synchronized void start() {
        if (thread == null && !ended.isDone()) {
            Thread started = new Thread(this::serve, threadName);
            started.setDaemon(true);
            thread = started;
            started.start();
        }
    }

    /** Takes no more deliveries. Calls back when everything added before has been run, or never will be. */
    public void end(Runnable callback) {
        CompletableFuture<Void> unused = ended.thenRun(callback);
        synchronized (this) {
            ending = true;
        }
        wakeOrFinish();
    }

    /** Ends, and drops what waits. */
    public void abandon() {
        synchronized (this) {
            ending = true;
            abandoned = true;
        }
        wakeOrFinish();
    }

    private void wakeOrFinish() {
        boolean finished;
        synchronized (this) {
            finished = thread == null && (abandoned || queue.isEmpty());
        }
        if (finished) {
            finish();
        } else {
            start();
            LockSupport.unpark(thread);
        }
    }

    /** Completes when nothing runs any more, after {@link #end} or {@link #abandon}. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Whether a handler calls, which can not wait for itself. */
    public boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    // -- The thread --

    private void serve() {
        while (!abandoned) {
            boolean last = ending; // read before the queue: what was added before the end is seen
            Runnable delivery = queue.poll();
            if (delivery != null) {
                run(delivery);
            } else if (last) {
                break;
            } else if (!sleep() && leave()) {
                return;
            }
        }
        finish();
    }

    private void run(Runnable delivery) {
        try {
            delivery.run();
        } catch (RuntimeException defect) {
            onError.accept(new AntiphonException(ErrorCode.INTERNAL, "a handler threw", defect));
        }
    }

    /** Waits for more. False if there was nothing for long. */
    private boolean sleep() {
        long begin = System.nanoTime();
        asleep = true;
        if (queue.isEmpty() && !ending) { // looked at again, or a delivery that came in between would wait
            LockSupport.parkNanos(this, IDLE_NANOS);
        }
        asleep = false;
        return System.nanoTime() - begin < IDLE_NANOS;
    }

    /**
     * Leaves, unless something came: whoever adds looks at the thread after that, and this looks at the queue after the
     * thread is gone, so one of the two sees the other.
     */
    private synchronized boolean leave() {
        thread = null;
        if (queue.isEmpty() && !ending) {
            return true;
        }
        thread = Thread.currentThread();
        return false;
    }

    private void finish() {
        synchronized (this) {
            thread = null;
        }
        ended.complete(null);
        onEnd.accept(this);
    }
}
