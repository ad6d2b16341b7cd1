package dev.antiphon.transport.kafka;

import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.conformance.broker.TcpProxy;
import java.net.InetSocketAddress;
import java.util.function.UnaryOperator;

/**
 * A broker that can be asked what this transport has left there.
 *
 * @param asUser puts into a URL who connects
 */
record InspectedBroker(BrokerControl broker, BrokerInspector inspector, UnaryOperator<String> asUser)
        implements BrokerControl {
    @Override
    public String origin() {
        return broker.origin();
    }

    @Override
    public String version() {
        return broker.version();
    }

    @Override
    public InetSocketAddress address() {
        return broker.address();
    }

    @Override
    public String url() {
        return asUser.apply(broker.url());
    }

    @Override
    public TcpProxy proxy() {
        return broker.proxy();
    }

    @Override
    public String urlThrough(TcpProxy through) {
        return asUser.apply(broker.urlThrough(through));
    }

    @Override
    public void start() {
        broker.start();
    }

    @Override
    public void stop() {
        broker.stop();
    }

    @Override
    public void kill() {
        broker.kill();
    }

    @Override
    public void pause() {
        broker.pause();
    }

    @Override
    public void resume() {
        broker.resume();
    }

    @Override
    public void close() {
        broker.close();
    }
}
