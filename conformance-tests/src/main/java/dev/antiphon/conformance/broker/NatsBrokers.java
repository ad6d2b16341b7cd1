package dev.antiphon.conformance.broker;

import java.util.List;

/**
 * Finds NATS servers to test with.
 *
 * <p>The order is: the address in {@code ANTIPHON_TEST_NATS_URL} (for the shared broker only: that server is not ours to configure
 * or to stop), Docker where an engine answers, {@code nats-server} on the PATH or where Debian puts it. With
 * {@code ANTIPHON_TEST_BROKERS=docker} or {@code native} only that one. If there is none, {@link BrokerUnavailableException} says
 * what was tried and what would help; no test is skipped.
 *
 * <p>Any thread.
 */
public final class NatsBrokers {
    /** Names a server that somebody else runs. */
    public static final String URL_VARIABLE = "ANTIPHON_TEST_NATS_URL";

    /** The HTTP address of the monitoring port of that server, for {@link NatsBroker#inspector()}. */
    public static final String MONITOR_VARIABLE = "ANTIPHON_TEST_NATS_MONITOR_URL";

    private static final List<String> REMEDIES = List.of(
            "start Docker",
            "install nats-server; on Debian and Ubuntu: apt-get install nats-server",
            "set " + URL_VARIABLE + "=nats://host:4222, for the tests that do not stop or configure their broker");

    private static final NatsBrokers OF_PROCESS = new NatsBrokers(Environment.ofProcess());

    private final Environment environment;
    private final SharedBroker<NatsBroker> shared = new SharedBroker<>("nats", this::findShared);

    NatsBrokers(Environment environment) {
        this.environment = environment;
    }

    /** The one for all ordinary tests of this JVM: plain, never stopped, closed when the JVM ends. Do not close it. */
    public static NatsBroker shared() {
        return OF_PROCESS.openShared();
    }

    /** A new one, of the caller alone, who closes it. */
    public static NatsBroker open(NatsConfig config) {
        return OF_PROCESS.openPrivate(config);
    }

    NatsBroker openShared() {
        return shared.open();
    }

    private NatsBroker findShared() {
        BrokerSearch<NatsBroker> search = new BrokerSearch<NatsBroker>("NATS", environment)
                .address(URL_VARIABLE, url -> new ExternalNats(url, environment));
        return ours(search, NatsConfig.plain());
    }

    NatsBroker openPrivate(NatsConfig config) {
        return ours(new BrokerSearch<>("NATS", environment), config);
    }

    private static NatsBroker ours(BrokerSearch<NatsBroker> search, NatsConfig config) {
        return search.docker(NatsContainer.IMAGE, () -> NatsContainer.open(config))
                .program("nats-server", binary -> NatsServer.open(binary, config))
                .orFail(REMEDIES);
    }
}
