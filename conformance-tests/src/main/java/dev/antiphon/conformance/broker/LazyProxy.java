package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The proxy of a broker that may never be asked for one. */
final class LazyProxy implements AutoCloseable {
    private final Supplier<TcpProxy> open;
    private @Nullable TcpProxy proxy;

    LazyProxy(InetSocketAddress target) {
        this(() -> TcpProxy.open(target));
    }

    LazyProxy(Supplier<TcpProxy> open) {
        this.open = open;
    }

    synchronized TcpProxy open() {
        TcpProxy opened = proxy;
        if (opened == null) {
            opened = open.get();
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
