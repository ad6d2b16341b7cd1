package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.net.URI;

/** A NATS server that somebody else runs. */
final class ExternalNats implements NatsBroker {
    private static final int DEFAULT_PORT = 4222;

    private final String variable;
    private final String url;
    private final InetSocketAddress address;
    private final NatsGreeting greeting;
    private final LazyProxy proxy;
    private final NatsInspector inspector;

    /**
     * @param variable where the address comes from
     * @param url of one server
     */
    ExternalNats(String variable, String url, Environment environment) {
        this.variable = variable;
        this.url = url;
        address = address(variable, url);
        greeting = NatsGreeting.ask(address)
                .orElseThrow(() ->
                        new BrokerException(variable + " leads to " + address + ", and no NATS server answers there"));
        proxy = new LazyProxy(address);
        inspector = new NatsInspector(() -> environment
                .setting(NatsBrokers.MONITOR_VARIABLE)
                .map(URI::create)
                .orElseThrow(
                        () -> refused("inspect", "set " + NatsBrokers.MONITOR_VARIABLE + " to its monitoring port")));
    }

    @Override
    public String origin() {
        return variable;
    }

    @Override
    public String version() {
        return greeting.version();
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public InetSocketAddress address(String portName) {
        throw refused("find port " + portName + " of", "unset " + variable);
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public TcpProxy proxy() {
        return proxy.open();
    }

    @Override
    public NatsInspector inspector() {
        return inspector;
    }

    @Override
    public void start() {
        throw refused("start");
    }

    @Override
    public void stop() {
        throw refused("stop");
    }

    @Override
    public void restart() {
        throw refused("restart");
    }

    @Override
    public void kill() {
        throw refused("kill");
    }

    @Override
    public void pause() {
        throw refused("pause");
    }

    @Override
    public void resume() {
        throw refused("resume");
    }

    @Override
    public void close() {
        proxy.close();
    }

    private ControlUnavailableException refused(String operation) {
        return refused(operation, "unset " + variable + " to test with a broker of this machine");
    }

    private ControlUnavailableException refused(String operation, String remedy) {
        return new ControlUnavailableException(
                operation, "these tests did not start it, " + variable + " names it; " + remedy);
    }

    /** The URL may hold a password: no message repeats it. */
    private static InetSocketAddress address(String variable, String url) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null) {
                return new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort());
            }
        } catch (IllegalArgumentException e) {
            // The message has the URL in it.
        }
        throw new BrokerException(variable + " is not the URL of one server, such as nats://host:4222");
    }
}
