package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.net.URI;

/** A broker that somebody else runs: all that acts on the broker itself is refused. */
abstract class ExternalBroker implements BrokerControl {
    private final String variable;
    private final String url;
    private final InetSocketAddress address;
    private final LazyProxy proxy;

    /**
     * @param variable where the address comes from
     * @param url of one server
     * @param defaultPort where the URL names none
     * @param example of such a URL
     */
    ExternalBroker(String variable, String url, int defaultPort, String example) {
        this.variable = variable;
        this.url = url;
        address = address(variable, url, defaultPort, example);
        proxy = new LazyProxy(address);
    }

    @Override
    public final String origin() {
        return variable;
    }

    @Override
    public final InetSocketAddress address() {
        return address;
    }

    @Override
    public final String url() {
        return url;
    }

    @Override
    public final TcpProxy proxy() {
        return proxy.open();
    }

    @Override
    public final void start() {
        throw refused("start");
    }

    @Override
    public final void stop() {
        throw refused("stop");
    }

    @Override
    public final void restart() {
        throw refused("restart");
    }

    @Override
    public final void kill() {
        throw refused("kill");
    }

    @Override
    public final void pause() {
        throw refused("pause");
    }

    @Override
    public final void resume() {
        throw refused("resume");
    }

    @Override
    public final void close() {
        proxy.close();
    }

    final ControlUnavailableException refused(String operation) {
        return refused(operation, "unset " + variable + " to test with a broker of this machine");
    }

    final ControlUnavailableException refused(String operation, String remedy) {
        return new ControlUnavailableException(
                operation, "these tests did not start it, " + variable + " names it; " + remedy);
    }

    final BrokerException silent(String kind) {
        return new BrokerException(variable + " leads to " + address + ", and no " + kind + " answers there");
    }

    /** The URL may hold a password: no message repeats it. */
    private static InetSocketAddress address(String variable, String url, int defaultPort, String example) {
        try {
            URI uri = URI.create(url);
            if (uri.getHost() != null) {
                return new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? defaultPort : uri.getPort());
            }
        } catch (IllegalArgumentException e) {
            // The message has the URL in it.
        }
        throw new BrokerException(variable + " is not the URL of one server, such as " + example);
    }
}
