package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.net.URI;

/** A NATS server that somebody else runs. */
final class ExternalNats extends ExternalBroker implements NatsBroker {
    private static final int DEFAULT_PORT = 4222;

    private final NatsGreeting greeting;
    private final NatsInspector inspector;

    ExternalNats(String url, Environment environment) {
        super(NatsBrokers.URL_VARIABLE, url, DEFAULT_PORT, "nats://host:4222");
        greeting = NatsGreeting.ask(address()).orElseThrow(() -> silent("NATS server"));
        inspector = new NatsInspector(() -> environment
                .setting(NatsBrokers.MONITOR_VARIABLE)
                .map(URI::create)
                .orElseThrow(
                        () -> refused("inspect", "set " + NatsBrokers.MONITOR_VARIABLE + " to its monitoring port")));
    }

    @Override
    public String version() {
        return greeting.version();
    }

    @Override
    public InetSocketAddress address(String portName) {
        throw refused("find port " + portName + " of", "unset " + NatsBrokers.URL_VARIABLE);
    }

    @Override
    public NatsInspector inspector() {
        return inspector;
    }
}
