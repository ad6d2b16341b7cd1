package dev.antiphon.transport.amqp;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that wait to be written to one connection.
 *
 * <p>Who writes depends on how much is going on. A sender that comes after a pause writes itself, because waking another
 * thread takes longer than the write. One that comes close behind another wakes the writer, which takes everything that
 * came together in one system call. The reader, when it has sent something on its own thread, writes when it has nothing
 * more to read. At most one of them writes at any time, and only the writer's thread ever waits for the network.
 *
 * <p>When the connection is lost the bytes are forgotten with it.
 */
final class Outbox extends OutputStream {

    private static final int INITIAL = 64 * 1024;
    private static final int KEEP = 1024 * 1024;
    private static final long CLOSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** Sends that follow each other faster than this are collected. */
    private static final long PAUSE_NANOS = 40_000;

    private final Wire wire;
    private final Thread writer;
    private final AtomicInteger corks = new AtomicInteger();
    private final AtomicBoolean writing = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Runnable> before = new ConcurrentLinkedQueue<>();

    /** Guarded by this. */
    private byte[] filling = new byte[INITIAL];

    private byte @Nullable [] spare = new byte[INITIAL];
    private volatile int length;

    /** What the one who writes has taken, and how far it got. Guarded by {@code writing}. */
    private byte[] taken = new byte[0];

    private int takenFrom;
    private int takenTo;

    /** Something was taken, and the network did not take it. */
    private volatile boolean unfinished;

    private volatile long lastWrite = System.nanoTime();
    private volatile @Nullable Thread reader;
    private volatile boolean asleep;
    private volatile boolean closed;

    Outbox(Wire wire, String threadName) {
        this.wire = wire;
        writer = new Thread(this::writeForEver, threadName);
        writer.setDaemon(true);
    }

    void start() {
        writer.start();
    }

    /** Whether it takes no more: the connection is lost or being closed. */
    boolean isClosed() {
        return closed;
    }

    /** How many bytes wait. */
    int waiting() {
        return length;
    }

    // -- Filling, on any thread --

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int count) throws IOException {
        if (closed) {
            throw new IOException("the connection is closed");
        }
        int needed = length + count;
        if (needed > filling.length) {
            filling = Arrays.copyOf(filling, Math.max(needed, Math.min(2 * filling.length, Integer.MAX_VALUE - 64)));
        }
        System.arraycopy(bytes, offset, filling, length, count);
        length = needed;
    }

    /** Runs a task before the next write: what it sends leaves with that. */
    void beforeWrite(Runnable task) {
        before.add(task);
    }

    /** Whether there is anything to write. */
    private boolean isFilled() {
        return length > 0 || !before.isEmpty();
    }

    /** Called by the native client after each command. While somebody holds a cork, that one sends. */
    @Override
    public void flush() {
        if (corks.get() == 0) {
            send();
        }
    }

    /** Holds sending back until {@link #uncork}, so that several commands leave together. */
    void cork() {
        corks.incrementAndGet();
    }

    /** Ends {@link #cork} without sending: {@link #send} follows. */
    void release() {
        corks.decrementAndGet();
    }

    void uncork() {
        release();
        send();
    }

    /** Whether the calling thread is the one that reads from this connection. */
    boolean isReader() {
        return Thread.currentThread() == reader;
    }

    /** Sends what waits: on this thread, or on another one soon. */
    void send() {
        if (!isFilled() || isReader()) {
            return;
        }
        if (!wire.neverBlocks() || System.nanoTime() - lastWrite < PAUSE_NANOS || !writeNow()) {
            wake();
        }
    }

    /** The reader is about to wait for input. */
    void beforeRead() {
        if (reader == null) {
            reader = Thread.currentThread();
        }
        if (isFilled() && (!wire.neverBlocks() || !writeNow())) {
            wake();
        }
    }

    // -- Writing --

    /** Writes what waits, without waiting. False if something is left, or somebody else writes. */
    private boolean writeNow() {
        if (!writing.compareAndSet(false, true)) {
            return false;
        }
        try {
            return writeSome();
        } catch (IOException e) {
            broken();
            return true;
        } finally {
            writing.set(false);
        }
    }

    /** Writes until nothing waits (true) or the network takes no more (false). */
    private boolean writeSome() throws IOException {
        prepare();
        while (takenFrom < takenTo || take()) {
            int written = wire.write(taken, takenFrom, takenTo - takenFrom);
            if (written == 0) {
                unfinished = true;
                return false;
            }
            takenFrom += written;
        }
        unfinished = false;
        lastWrite = System.nanoTime();
        return true;
    }

    /** Has everything sent that was to wait for a write. Nobody else sends it on: this one is about to write. */
    private void prepare() {
        Runnable task = before.poll();
        if (task != null) {
            cork();
            do {
                task.run();
                task = before.poll();
            } while (task != null);
            release();
        }
    }

    private synchronized boolean take() {
        if (length == 0) {
            return false;
        }
        byte[] done = taken;
        taken = filling;
        takenFrom = 0;
        takenTo = length;
        filling = spare == null ? new byte[INITIAL] : spare;
        spare = done.length == 0 || done.length > KEEP ? null : done;
        length = 0;
        return true;
    }

    @SuppressWarnings("ThreadPriorityCheck") // a hint that is good for speed and nothing else
    private void writeForEver() {
        try {
            while (!closed) {
                if (!writing.compareAndSet(false, true)) {
                    Thread.onSpinWait(); // for the length of one system call
                    continue;
                }
                boolean all;
                try {
                    all = writeSome();
                } finally {
                    writing.set(false);
                }
                if (all) {
                    sleep();
                    // Where processors are busy, who woke this thread goes on first, and more leaves in one write.
                    Thread.yield();
                } else {
                    wire.awaitWritable();
                }
            }
        } catch (IOException e) {
            broken();
        }
    }

    private void sleep() {
        asleep = true;
        if (!isFilled() && !unfinished && !closed) { // looked at again, or bytes that came in between would wait
            LockSupport.park(this);
        }
        asleep = false;
    }

    private void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(writer);
        }
    }

    /** The reader finds the connection closed, and tells the native client. */
    private void broken() {
        closed = true;
        wire.close();
    }

    private boolean isBusy() {
        return isFilled() || unfinished || writing.get();
    }

    /** Writes what waits, within a moment, and takes no more. */
    @Override
    public void close() {
        long end = System.nanoTime() + CLOSE_NANOS;
        while (!closed && isBusy() && System.nanoTime() < end && Thread.currentThread() != writer) {
            wake();
            LockSupport.parkNanos(this, 100_000);
        }
        closed = true;
        LockSupport.unpark(writer);
    }
}
