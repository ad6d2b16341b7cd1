package dev.antiphon.conformance.broker;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One connection through a {@link TcpProxy}: a socket to the client, one to the broker, and a pump for each direction. */
final class ProxyLink {
    private static final int CONNECT_MILLIS = 10_000;

    private final TcpProxy proxy;
    private final Socket client;
    private final boolean silent;
    private final Socket broker = new Socket();
    private final ProxyPump toBroker;
    private final ProxyPump toClient;
    private final AtomicInteger openDirections = new AtomicInteger(2);
    private final AtomicBoolean closing = new AtomicBoolean();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** A silent link is never run: it only holds the client's socket. */
    ProxyLink(TcpProxy proxy, Socket client, boolean silent, Flow brokerFlow, Flow clientFlow) {
        this.proxy = proxy;
        this.client = client;
        this.silent = silent;
        toBroker = new ProxyPump(this, client, broker, brokerFlow);
        toClient = new ProxyPump(this, broker, client, clientFlow);
    }

    /** Connects to the broker and then copies bytes until the link ends. */
    void run(InetSocketAddress target) {
        try {
            broker.connect(target, CONNECT_MILLIS);
            client.setTcpNoDelay(true);
            broker.setTcpNoDelay(true);
            if (toBroker.finished()) {
                // A half-close came while this connected.
                toBroker.finish();
            }
        } catch (IOException e) {
            close(Cut.RESET);
            return;
        }
        proxy.thread("to-client", toClient);
        toBroker.run();
    }

    void halfClose(Direction direction) {
        try {
            if (direction.covers(Direction.TO_BROKER)) {
                toBroker.finish();
            }
            if (direction.covers(Direction.TO_CLIENT)) {
                toClient.finish();
            }
        } catch (IOException e) {
            // It ended just now.
        }
    }

    void directionEnded() {
        if (openDirections.decrementAndGet() == 0) {
            close(Cut.FIN);
        }
    }

    void close(Cut how) {
        if (closing.compareAndSet(false, true)) {
            how.apply(client);
            how.apply(broker);
            closed.countDown();
            proxy.closed(this);
        }
    }

    boolean silent() {
        return silent;
    }

    boolean closed() {
        return closing.get();
    }

    /** Whether the link was closed within that time. */
    boolean awaitClosed(long nanos) throws InterruptedException {
        return closed.await(nanos, TimeUnit.NANOSECONDS);
    }
}
