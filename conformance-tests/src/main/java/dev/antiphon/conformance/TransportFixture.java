package dev.antiphon.conformance;

import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.spi.TransportProvider;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the suite needs to know about a transport and its broker, in one mode: one fixture per way of running it (plain, TLS, ...).
 * Made once per test class; methods are called from one thread at a time.
 */
public interface TransportFixture extends AutoCloseable {
    /** The system property with {@link #thinning()}. */
    String THINNING = "antiphon.test.thinning";

    /** The name of the mode in reports, such as {@code nats-tls}: lower case letters, digits, hyphens. */
    String mode();

    /** The provider under test. */
    TransportProvider provider();

    /** Where the broker is that all rules share; nobody stops it. */
    String url();

    /**
     * Where a broker is that nobody else uses. Needed only without {@link #openBroker()}; transports within the JVM make a name up.
     */
    default String isolatedUrl() {
        throw new UnsupportedOperationException("a fixture has openBroker() or isolatedUrl()");
    }

    /** Options for every connection, such as a trust store. */
    default Map<String, String> options() {
        return Map.of();
    }

    /** A new broker for one rule alone, which may stop, cut and restart it; closed by the suite. Empty if there is nothing to break. */
    default Optional<BrokerControl> openBroker() {
        return Optional.empty();
    }

    /**
     * As {@link #openBroker()}, but it lets in nobody except this user. Its URLs name no user. Empty where there are no brokers to
     * log in to; a URL with a user must be refused there.
     */
    default Optional<BrokerControl> openBroker(String user, String password) {
        return Optional.empty();
    }

    /** Asks the broker of {@link #url()} what it holds. Empty if it can not be asked. */
    default Optional<BrokerInspector> inspector() {
        return Optional.empty();
    }

    /** A client that knows nothing of this library. Without a native client of its own, the SPI takes its place. */
    default RawClient openRawClient(String url) {
        return SpiClient.open(provider(), url, options());
    }

    /** The broker's origin and version, for the report. */
    default String broker() {
        return "within the JVM";
    }

    /** How long rules wait. */
    default Timing timing() {
        return Timing.standard();
    }

    /** How often the broker is restarted where a rule does that again and again; fewer for further modes of a broker that starts slowly. */
    default int restarts() {
        return 20;
    }

    /**
     * What rules divide their repetitions by that do something by the thousand: 1, unless the system property {@value #THINNING} says
     * otherwise, as the build does for the second JVM; more for further modes of a transport.
     */
    default int thinning() {
        return Integer.getInteger(THINNING, 1);
    }

    /**
     * Whether it can be known which subjects a plain client serves that responds. If not, no subject counts as unserved while there is one:
     * better a request that times out than one that is wrongly told that nobody is there.
     */
    default boolean tellsWhatPlainRespondersServe() {
        return true;
    }

    /** The rules that may fail for now. */
    default List<Waiver> waivers() {
        return List.of();
    }

    /** Ends what the fixture started. */
    @Override
    default void close() {}
}
