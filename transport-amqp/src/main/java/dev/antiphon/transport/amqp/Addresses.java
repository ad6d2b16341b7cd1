package dev.antiphon.transport.amqp;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Both ends of a connection, which may be closed already. */
final class Addresses {

    private static final InetSocketAddress NONE = new InetSocketAddress(0);

    private Addresses() {}

    static InetSocketAddress of(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress internet ? internet : NONE;
    }
}
