package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;

/** A NATS server for tests, wherever it runs. */
public interface NatsBroker extends BrokerControl {
    /** {@link #url()} as the NATS clients write it: {@code nats://} or {@code tls://}. */
    default String nativeUrl() {
        return url().replaceFirst("^nats\\+tls://", "tls://");
    }

    /** Where the port is served that {@link NatsConfig#withPort} named. */
    InetSocketAddress address(String portName);

    @Override
    NatsInspector inspector();
}
