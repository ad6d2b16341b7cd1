package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerBuilder;
import dev.antiphon.MessengerStats;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.conformance.broker.BrokerInspector;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Capabilities.Support;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What one rule works with. Everything it makes is closed after the rule, in reverse order, and every messenger is checked for
 * residue then.
 */
final class Harness {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final String rule;
    private final TransportFixture fixture;
    private final Capabilities capabilities;
    private final String run = UUID.randomUUID().toString().substring(0, 8);
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final List<Messenger> messengers = new ArrayList<>();
    private Support level = Support.NATIVE;

    Harness(String rule, TransportFixture fixture, Capabilities capabilities) {
        this.rule = rule;
        this.fixture = fixture;
        this.capabilities = capabilities;
    }

    TransportFixture fixture() {
        return fixture;
    }

    Capabilities capabilities() {
        return capabilities;
    }

    /** Whether the transport declares the capability. The rule asserts something in both cases; the report says which. */
    synchronized boolean supports(Capability capability) {
        Support support = capabilities.level(capability);
        lower(support);
        return support != Support.NONE;
    }

    private void lower(Support support) {
        if (support.compareTo(level) > 0) {
            level = support;
        }
    }

    /** How the rule was met, as far as it asked. */
    synchronized Support level() {
        return level;
    }

    /** What the shared broker says about its clients. */
    synchronized Optional<BrokerInspector> inspector() {
        Optional<BrokerInspector> inspector = fixture.inspector();
        if (inspector.isEmpty()) {
            lower(Support.NONE);
        }
        return inspector;
    }

    /** Closes it after the rule. */
    synchronized <T extends AutoCloseable> T closing(T resource) {
        open.push(resource);
        return resource;
    }

    /** Closes a messenger after the rule, and checks it for residue. */
    synchronized Messenger closing(Messenger messenger) {
        open.push(messenger);
        messengers.add(messenger);
        return messenger;
    }

    /** Connects to the shared broker, unless {@code setUp} says otherwise. */
    Messenger connect(Consumer<MessengerBuilder> setUp) {
        MessengerBuilder builder = builder(fixture.url());
        setUp.accept(builder);
        return closing(builder.connect());
    }

    MessengerBuilder builder(String url) {
        MessengerBuilder builder = Messenger.builder().url(url).name(connectionName());
        fixture.options().forEach(builder::option);
        return builder;
    }

    /** A name for one connection, by which the broker's inspector finds it. */
    String connectionName() {
        return rule.toLowerCase(Locale.ROOT) + "-" + run + "-" + NUMBERS.incrementAndGet();
    }

    /** A subject that nobody else uses. */
    String unique(String hint) {
        return "conformance." + run + "." + hint + NUMBERS.incrementAndGet();
    }

    /** A transport that is not started. */
    Transport newTransport(String url) {
        TransportProvider provider = fixture.provider();
        Transport transport = provider.create(Configs.of(provider, url, fixture.options(), connectionName()));
        closing((AutoCloseable) () -> transport.close(fixture.timing().signal()));
        return transport;
    }

    /** A transport that is started, without the engine. */
    Transport startTransport(Spi.Events events) {
        Transport transport = newTransport(fixture.url());
        Spi.await(transport.start(events), fixture.timing());
        return transport;
    }

    /** Where nobody else is: for rules about everything that goes on at a broker. */
    String isolatedUrl() {
        return fixture.openBroker()
                .map(broker -> closing((AutoCloseable) broker) == broker ? broker.url() : "")
                .orElseGet(fixture::isolatedUrl);
    }

    /** A broker of the rule's own. */
    BrokerControl openBroker() {
        BrokerControl broker = fixture.openBroker()
                .orElseThrow(() -> new AssertionError("declares AUTO_RECONNECT, but its fixture has no openBroker()"));
        return closing(broker);
    }

    /** Publishes a fence message and waits until each collector has it. */
    void fence(Messenger publisher, String subject, Collector... collectors) {
        Message fence = Collector.fence(NUMBERS.incrementAndGet());
        publisher.publish(subject, fence).join();
        for (Collector collector : collectors) {
            collector.awaitFence(fence);
        }
    }

    /** Closes everything. Fails with all that went wrong and every residue. */
    void close() throws InterruptedException {
        List<String> problems = new ArrayList<>();
        for (AutoCloseable resource : drainOpen()) {
            Bounded.run("close", fixture.timing().signal(), resource::close)
                    .ifPresent(failure -> problems.add("closing " + resource + ": " + failure));
        }
        for (Messenger messenger : messengers) {
            MessengerStats stats = messenger.stats();
            if (!stats.consistent() || stats.inFlight() != 0) {
                problems.add("a closed messenger has residue: " + stats);
            }
        }
        assertThat(problems).as("after the rule").isEmpty();
    }

    private synchronized List<AutoCloseable> drainOpen() {
        List<AutoCloseable> all = List.copyOf(open);
        open.clear();
        return all;
    }
}
