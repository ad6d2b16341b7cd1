package dev.antiphon.cli;

import java.io.PrintStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Prints lines on a thread of its own, so that a slow terminal or pipe never delays a handler. When the queue is full
 * lines are left out and counted. Thread-safe.
 */
final class LineLog implements AutoCloseable {

    private static final int QUEUE = 1_024;
    private static final long CLOSE_MILLIS = 500;

    private final PrintStream stream;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(QUEUE);
    private final LongAdder leftOut = new LongAdder();
    private final Thread writer = new Thread(this::write, "line-log");
    private volatile boolean closed;

    LineLog(PrintStream stream) {
        this.stream = stream;
        writer.setDaemon(true);
        writer.start();
    }

    void line(String line) {
        if (!lines.offer(line)) {
            leftOut.increment();
        }
    }

    private void write() {
        try {
            while (!closed || !lines.isEmpty()) {
                String line = lines.poll(50, TimeUnit.MILLISECONDS);
                if (line != null) {
                    stream.println(line);
                }
                tellLeftOut();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellLeftOut() {
        long count = lines.isEmpty() ? leftOut.sumThenReset() : 0;
        if (count > 0) {
            stream.println("... " + count + " lines left out");
        }
    }

    /** Prints what is queued, if the stream takes it soon. */
    @Override
    public void close() {
        closed = true;
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
