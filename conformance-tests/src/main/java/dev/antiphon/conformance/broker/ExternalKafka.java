package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.net.URI;

/** A Kafka broker that somebody else runs. */
final class ExternalKafka implements KafkaBroker {
    private static final int DEFAULT_PORT = 9092;

    private final String variable;
    private final String url;
    private final InetSocketAddress address;

    /**
     * @param variable where the address comes from
     * @param url of one broker
     */
    ExternalKafka(String variable, String url) {
        this.variable = variable;
        this.url = url;
        address = address(variable, url);
    }

    @Override
    public String origin() {
        return variable;
    }

    @Override
    public String version() {
        return "unknown";
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public TcpProxy proxy() {
        throw refused("put a proxy before");
    }

    @Override
    public BrokerInspector inspector() {
        throw refused("inspect");
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
        // it is not ours
    }

    private ControlUnavailableException refused(String operation) {
        return new ControlUnavailableException(
                operation,
                "these tests did not start it, " + variable + " names it; unset " + variable
                        + " to test with a broker of this machine");
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
        throw new BrokerException(variable + " is not the URL of one broker, such as kafka://host:9092");
    }
}
