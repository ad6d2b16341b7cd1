package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The proxy of a broker that may never be asked for one. */
final class LazyProxy implements AutoCloseable {
    private final InetSocketAddress target;
    private @Nullable TcpProxy proxy;

    LazyProxy(InetSocketAddress target) {
        this.target = target;
    }

    synchronized TcpProxy open() {
        TcpProxy opened = proxy;
        if (opened == null) {
            opened = TcpProxy.open(target);
            proxy = opened;
        }
        return opened;
    }

    @Override
    public synchronized void close() {
        if (proxy != null) {
            proxy.close();
        }
    }
}
