package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports on 127.0.0.1 that survive being closed for a while.
 *
 * <p>They lie below the range from which operating systems serve outgoing connections. A port of that range may be given to any
 * connection while its server is down; and a client that keeps dialling it can be given it as its own and then connects to itself.
 *
 * <p>A port is given again only when all others were: one that is free just now may belong to a server that is down, or is starting.
 */
final class LoopbackPorts {
    private static final int FIRST = 20_000;
    private static final int LAST = 32_000;
    private static final int ATTEMPTS = 100;

    private static final AtomicInteger NEXT =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(LAST - FIRST));

    private LoopbackPorts() {}

    /** A listener on a port of the range. */
    static ServerSocket listen() {
        for (int attempt = 1; ; attempt++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), LAST - FIRST);
            try {
                return listen(port);
            } catch (BindException e) {
                if (attempt == ATTEMPTS) {
                    throw new UncheckedIOException("no free port from " + FIRST + " to " + LAST, e);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
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
