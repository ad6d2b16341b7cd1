package dev.antiphon.conformance.broker;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Objects;

/**
 * One broker for tests, and power over it.
 *
 * <p>{@link #start()} to {@link #resume()} act on the broker itself and return when it is in the new state; asking for the state it
 * is in already does nothing. Its address never changes. A broker that was not started by these tests refuses all of them with
 * {@link ControlUnavailableException}, but a {@link #proxy()} can stand in front of any.
 *
 * <p>Methods may be called from any thread. Failures are {@link BrokerException}s.
 */
public interface BrokerControl extends AutoCloseable {
    /** Where it comes from, for reports: {@code native /usr/sbin/nats-server}, {@code docker nats:2.12-alpine}, ... */
    String origin();

    /** Its version, as it says itself. */
    String version();

    /** Where it listens for clients. */
    InetSocketAddress address();

    /** {@link #address()} as the URL that a messenger connects to. */
    String url();

    /** The proxy in front of this broker; opened at the first call, closed with the broker. */
    TcpProxy proxy();

    /** {@link #url()}, by way of {@link #proxy()}. */
    default String proxiedUrl() {
        return urlThrough(proxy());
    }

    /** {@link #url()}, by way of that proxy: for a test that wants one of its own before a shared broker. */
    default String urlThrough(TcpProxy through) {
        URI direct = URI.create(url());
        String user = direct.getRawUserInfo() == null ? "" : direct.getRawUserInfo() + "@";
        String query = direct.getRawQuery() == null ? "" : "?" + direct.getRawQuery();
        String path = Objects.requireNonNullElse(direct.getRawPath(), "");
        return direct.getScheme() + "://" + user + "127.0.0.1:" + through.port() + path + query;
    }

    /** What the broker says about its clients. */
    BrokerInspector inspector();

    /** Starts it again after {@link #stop()} or {@link #kill()}; returns when it accepts clients. */
    void start();

    /** Shuts it down as an operator would. */
    void stop();

    /** {@link #stop()}, {@link #start()}. */
    default void restart() {
        stop();
        start();
    }

    /** Ends it without a chance to say goodbye. */
    void kill();

    /** Freezes it: connections stay up, nothing answers. It must run. */
    void pause();

    /** Ends {@link #pause()}. */
    void resume();

    /** Stops it for good, with its proxy, and removes its files. A broker that others started is left alone. May be called again. */
    @Override
    void close();
}
