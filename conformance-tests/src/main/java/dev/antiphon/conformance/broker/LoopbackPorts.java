package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Ports on 127.0.0.1 that survive being closed for a while.
 *
 * <p>They lie below the range from which operating systems serve outgoing connections. A port of that range may be given to any
 * connection while its server is down; and a client that keeps dialling it can be given it as its own and then connects to itself.
 *
 * <p>A port is given again only when all others of this process were: one that is free just now may belong to a server that is down, or is starting. For the
 * same reason, processes that run side by side take theirs from different blocks. A process has a block while it listens on the first port of it, that is
 * until it ends.
 */
final class LoopbackPorts {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int BLOCK = 100;
    private static final int BLOCKS = (LAST - FIRST) / BLOCK;
    private static final int ATTEMPTS = 200;

    /** On the first ports of the blocks of this process. Guarded by this class, as is what follows. */
    private static final List<ServerSocket> GUARDS = new ArrayList<>();
    /** The ports of this process; first the one that was given longest ago. */
    private static final Deque<Integer> PORTS = new ArrayDeque<>();
    /** How many of these have not been given yet. */
    private static int fresh;

    private LoopbackPorts() {}

    /** A listener on a port of the range. */
    static synchronized ServerSocket listen() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            ServerSocket listener = listenIfFree(next());
            if (listener != null) {
                return listener;
            }
        }
        throw noneFree();
    }

    private static int next() {
        if (fresh == 0) {
            takeBlock();
        }
        Integer port = PORTS.poll();
        if (port == null) {
            throw noneFree();
        }
        PORTS.add(port);
        fresh = Math.max(0, fresh - 1);
        return port;
    }

    /** If there is one that no process has. */
    private static void takeBlock() {
        int start = ThreadLocalRandom.current().nextInt(BLOCKS);
        for (int i = 0; i < BLOCKS && fresh == 0; i++) {
            int first = FIRST + (start + i) % BLOCKS * BLOCK;
            ServerSocket guard = listenIfFree(first);
            if (guard != null) {
                GUARDS.add(guard);
                fresh = BLOCK - 1;
                for (int port = first + fresh; port > first; port--) {
                    PORTS.addFirst(port);
                }
            }
        }
    }

    private static IllegalStateException noneFree() {
        return new IllegalStateException("no free port from " + FIRST + " to " + LAST);
    }

    private static @Nullable ServerSocket listenIfFree(int port) {
        try {
            return listen(port);
        } catch (BindException used) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A listener on that port. */
    static ServerSocket listen(int port) throws IOException {
        ServerSocket listener = new ServerSocket();
        try {
            listener.setReuseAddress(true);
            listener.bind(address(port));
            return listener;
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    /** A port on which nothing listens just now. */
    static int free() {
        try (ServerSocket listener = listen()) {
            return listener.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
}
