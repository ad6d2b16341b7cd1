package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** Copies the bytes of one direction of one link, through the faults of that direction. */
final class ProxyPump implements Runnable {
    private static final int BUFFER = 64 * 1024;
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final ProxyLink link;
    private final Socket from;
    private final Socket to;
    private final Flow flow;
    private final Deque<Delayed> delayed = new ArrayDeque<>();
    private volatile boolean finished;

    ProxyPump(ProxyLink link, Socket from, Socket to, Flow flow) {
        this.link = link;
        this.from = from;
        this.to = to;
        this.flow = flow;
    }

    @Override
    public void run() {
        try {
            copy();
            flow.awaitOpen(link::closed);
            finish();
            link.directionEnded();
        } catch (IOException | InterruptedException e) {
            // One side was reset, or the link was cut: either way the other side learns of it.
            link.close(Cut.RESET);
        }
    }

    /** Sends FIN to the receiving side; what arrives afterwards goes nowhere. */
    synchronized void finish() throws IOException {
        finished = true;
        if (to.isConnected() && !to.isOutputShutdown()) {
            to.shutdownOutput();
        }
    }

    boolean finished() {
        return finished;
    }

    private void copy() throws IOException, InterruptedException {
        byte[] buffer = new byte[BUFFER];
        InputStream in = from.getInputStream();
        int count;
        while ((count = read(in, buffer)) >= 0) {
            flow.awaitMoving(link::closed);
            if (count > 0 && !flow.swallows(count)) {
                pass(buffer, count);
            }
            writeDue();
        }
        while (!delayed.isEmpty() && !link.awaitClosed(untilDue(delayed.element()))) {
            flow.awaitMoving(link::closed);
            writeDue();
        }
    }

    /** 0 when it is time to look at the delayed bytes. */
    private int read(InputStream in, byte[] buffer) throws IOException {
        Delayed next = delayed.peek();
        from.setSoTimeout(next == null ? 0 : (int) TimeUnit.NANOSECONDS.toMillis(untilDue(next)) + 1);
        try {
            return in.read(buffer);
        } catch (SocketTimeoutException e) {
            return 0;
        }
    }

    private void pass(byte[] buffer, int count) throws IOException {
        if (flow.delayNanos() > 0 || !delayed.isEmpty()) {
            delayed.add(new Delayed(Arrays.copyOf(buffer, count), System.nanoTime()));
        } else {
            write(buffer, count);
        }
    }

    private void writeDue() throws IOException {
        for (Delayed next = delayed.peek(); next != null && untilDue(next) == 0; next = delayed.peek()) {
            delayed.remove();
            write(next.bytes, next.bytes.length);
        }
    }

    private void write(byte[] bytes, int count) throws IOException {
        OptionalInt cut = flow.cutWithin(count);
        int passing = cut.orElse(count);
        try {
            if (!finished) {
                writeChunks(to.getOutputStream(), bytes, passing);
            }
        } catch (IOException e) {
            // Races with a half-close by the test, which is not the end of the link.
            if (!finished) {
                throw e;
            }
        }
        if (cut.isPresent()) {
            link.close(flow.cut());
        }
    }

    private void writeChunks(OutputStream out, byte[] bytes, int count) throws IOException {
        for (int done = 0; done < count; ) {
            int chunk = Math.min(count - done, flow.maxChunk());
            out.write(bytes, done, chunk);
            flow.countPassed(chunk);
            done += chunk;
        }
    }

    /** In nanoseconds, but no more than after which to look again: the delay may change meanwhile. */
    private long untilDue(Delayed some) {
        long remaining = some.arrival + flow.delayNanos() - System.nanoTime();
        return Math.max(0, Math.min(remaining, LONGEST_WAIT_NANOS));
    }

    private static final class Delayed {
        final byte[] bytes;
        final long arrival;

        Delayed(byte[] bytes, long arrival) {
            this.bytes = bytes;
            this.arrival = arrival;
        }
    }
}
