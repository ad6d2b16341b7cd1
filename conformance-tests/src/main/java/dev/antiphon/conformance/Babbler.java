package dev.antiphon.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that says things no broker says, to everyone who connects, and keeps the connection open. */
final class Babbler implements AutoCloseable {
    private static final int SIZE = 10_000;

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger visitors = new AtomicInteger();

    Babbler() {
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "conformance-babbler");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
    }

    /** How many have heard it. */
    int visitors() {
        return visitors.get();
    }

    private void serve() {
        try {
            while (true) {
                Socket visitor = listener.accept();
                open.add(visitor);
                babbleTo(visitor);
                visitors.incrementAndGet();
            }
        } catch (IOException e) {
            // it was closed
        }
    }

    private static void babbleTo(Socket visitor) {
        byte[] nonsense = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            nonsense[i] = (byte) (i % 100 == 99 ? '\n' : i * 31);
        }
        try {
            visitor.getOutputStream().write(nonsense);
        } catch (IOException e) {
            // it did not want to hear
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket visitor : open) {
            visitor.close();
        }
    }
}
