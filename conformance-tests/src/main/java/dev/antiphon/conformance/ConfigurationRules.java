package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.antiphon.AntiphonException;
import dev.antiphon.Call;
import dev.antiphon.ConfigurationException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerBuilder;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.conformance.broker.BrokerControl;
import dev.antiphon.spi.Capabilities;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.Durations;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Rules about configuration, capabilities and errors: {@code CFG} in the specification. */
interface ConfigurationRules extends Faults {
    private static String withQuery(String url, String query) {
        return url + (url.contains("?") ? "&" : "?") + query;
    }

    private static String scheme(String url) {
        return url.substring(0, url.indexOf("://"));
    }

    private ConfigurationException assertMisconfigured(MessengerBuilder builder) {
        AntiphonException failure =
                assertThrows(ErrorCode.INVALID_ARGUMENT, () -> harness().closing(builder.connect()));
        if (failure instanceof ConfigurationException misconfigured) {
            return misconfigured;
        }
        throw new AssertionError("not a ConfigurationException", failure);
    }

    @Rule("CFG-01")
    default void options_inUrlByNameOrByMethod_areTheSame() {
        String subject = unique("work");
        ParkedRequests parked = new ParkedRequests(timing());
        connect().respondAsync(subject, parked);
        Duration timeout = Duration.ofMillis(150);
        String url = harness().fixture().url();
        String query = "request-timeout=150ms&max-in-flight=1&on-in-flight-limit=reject";
        List<Consumer<MessengerBuilder>> ways = List.of(
                builder -> builder.url(withQuery(url, query)),
                builder -> builder.option("request-timeout", "150ms")
                        .option("max-in-flight", "1")
                        .option("on-in-flight-limit", "reject"),
                builder -> builder.requestTimeout(timeout).maxInFlight(1).onInFlightLimit(OverloadPolicy.REJECT),
                builder -> builder.url(withQuery(url, "request-timeout=1h&max-in-flight=9"))
                        .option("on-in-flight-limit", "wait")
                        .requestTimeout(timeout)
                        .maxInFlight(1)
                        .onInFlightLimit(OverloadPolicy.REJECT));

        for (Consumer<MessengerBuilder> way : ways) {
            Messenger messenger = connect(way);
            Stopwatch watch = new Stopwatch();
            Call first = messenger.request(subject, Message.of("?"));
            assertFails(ErrorCode.RESOURCE_EXHAUSTED, messenger.request(subject, Message.of("?")));
            assertFails(ErrorCode.TIMEOUT, first);
            watch.assertWithin(timeout, timing().grace());
        }
    }

    @Rule("CFG-02")
    default void problems_areAllToldAtOnceBeforeAnythingIsOpened() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.configureBlocking(false);
            String address = capabilities().has(Capability.AUTO_RECONNECT)
                    ? "127.0.0.1:" + server.socket().getLocalPort()
                    : "somewhere";
            String url = scheme(harness().fixture().url()) + "://" + address
                    + "?no-such-option=1&request-timeout=soon&max-in-flight=0&on-disconnect=perhaps&name=a&name=b";

            ConfigurationException failure =
                    assertMisconfigured(Messenger.builder().url(url).option("neither-this", "2"));

            assertThat(failure.problems()).hasSize(6);
            for (String option : List.of(
                    "no-such-option", "neither-this", "request-timeout", "max-in-flight", "on-disconnect", "name")) {
                assertThat(failure.problems())
                        .anySatisfy(problem -> assertThat(problem).contains("\"" + option + "\""));
                assertThat(failure).hasMessageContaining(option);
            }
            assertThat(server.accept()).as("a connection").isNull();
        }
    }

    @Rule("CFG-03")
    default void scheme_unknown_failureListsTheKnownOnes() {
        ConfigurationException failure = assertMisconfigured(Messenger.builder().url("no-such-scheme://somewhere"));

        assertThat(failure).hasMessageContaining("no-such-scheme");
        assertThat(harness().fixture().provider().schemes())
                .allSatisfy(scheme -> assertThat(failure).hasMessageContaining(scheme));
    }

    @Rule("CFG-04")
    default void secrets_areNeverShown() {
        String secret = "s3cr3t";
        String url = harness().fixture().url();
        String scheme = scheme(url);
        List<MessengerBuilder> wrong = new ArrayList<>(List.of(
                builder(url.replaceFirst("://", "://alice:" + secret + "@")).option("no-such-option", "1"),
                builder(url).option("no-such-option", secret),
                builder("no-such-scheme://alice:" + secret + "@somewhere"),
                builder("alice:" + secret + "@somewhere"),
                builder(scheme + "://alice:" + secret + "@somewhere:not-a-port"),
                builder(scheme + "://alice:" + secret + "%zz@somewhere"),
                builder(scheme + "://alice:a?" + secret + "@somewhere"),
                builder(scheme + "://alice:a/" + secret + "@somewhere:not-a-port")));
        for (TransportOption option : harness().fixture().provider().options()) {
            if (option.type() == TransportOption.Type.SECRET) {
                wrong.add(builder(withQuery(url, option.name() + "=" + secret)).option("no-such-option", "1"));
                wrong.add(builder(url).option(option.name(), secret).option("no-such-option", "1"));
            }
        }

        List<String> shown = new ArrayList<>();
        try (LogCapture log = LogCapture.open()) {
            for (MessengerBuilder builder : wrong) {
                shown.add(trace(assertMisconfigured(builder)));
            }
            shown.add(trace(failedLogin(secret)));
            shown.addAll(log.warnings());
        }
        TransportProvider provider = harness().fixture().provider();
        shown.add(Configs.of(provider, scheme + "://alice:" + secret + "@somewhere", Map.of(), secret + "-name")
                .toString());
        Message message = Message.of(secret).withHeader("x-some", secret);
        shown.addAll(List.of(
                message.toString(),
                message.headers().toString(),
                Headers.of("x", secret).toString()));
        shown.add(connect().request(unique("nobody"), message).toString());

        assertThat(shown).allSatisfy(text -> assertThat(text).doesNotContain(secret));
    }

    /** How connecting with a wrong password, or with one where none is wanted, fails. */
    private AntiphonException failedLogin(String secret) {
        Optional<BrokerControl> broker = harness().fixture().openBroker("alice", "right-1234");
        String url = broker.map(control -> harness().closing(control).url())
                .orElse(harness().fixture().url());
        return assertThrows(
                broker.isPresent() ? ErrorCode.AUTHENTICATION : ErrorCode.INVALID_ARGUMENT,
                () -> harness()
                        .closing(builder(url.replaceFirst("://", "://alice:" + secret + "@"))
                                .connect()));
    }

    private static String trace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    @Rule("CFG-05")
    default void provider_isFoundAndDescribesItsOptions() {
        TransportProvider ours = harness().fixture().provider();
        List<TransportProvider> found = new ArrayList<>();
        ServiceLoader.load(TransportProvider.class).forEach(found::add);
        assertThat(found).as("providers found").anyMatch(provider -> provider.getClass() == ours.getClass());
        for (String scheme : ours.schemes()) {
            assertThat(scheme).matches("[a-z][a-z0-9+.-]*");
            assertThat(found.stream().filter(provider -> provider.schemes().contains(scheme)))
                    .as("providers of %s", scheme)
                    .hasSize(1);
        }
        Set<String> names = new HashSet<>(Set.of(
                "request-timeout", "max-in-flight", "on-in-flight-limit", "on-disconnect", "wait-for-broker", "name"));
        for (TransportOption option : ours.options()) {
            assertThat(option.name()).matches("[a-z][a-z0-9]*(-[a-z0-9]+)*");
            assertThat(names.add(option.name()))
                    .as("option %s is there once", option.name())
                    .isTrue();
            assertThat(option.description()).hasSizeGreaterThan(10);
            assertThat(catchThrowable(() -> parse(option.type(), option.defaultValue())))
                    .as("the default of %s", option.name())
                    .isNull();
        }
    }

    private static void parse(TransportOption.Type type, @Nullable String value) {
        if (value == null) {
            return;
        }
        switch (type) {
            case NUMBER -> assertThat(Long.parseLong(value)).isNotNegative();
            case FLAG -> assertThat(value).isIn("true", "false");
            case DURATION -> assertThat(Durations.parse(value)).isNotNull();
            case SECRET -> throw new AssertionError("a secret has no default");
            case TEXT, PATH -> assertThat(value).isNotEmpty();
        }
    }

    @Rule("CFG-06")
    default void capabilities_areTrueInBothDirections() {
        Capabilities declared = harness().fixture().provider().capabilities();
        Transport fresh = harness().newTransport(harness().fixture().url());
        assertThat(fresh.capabilities().levels()).as("before the start").isEqualTo(declared.levels());
        Transport transport = transport();
        assertThat(transport.capabilities().levels()).as("after the start").isEqualTo(declared.levels());
        assertThat(transport.capabilities().limits().maxBodyBytes()).isPositive();
        assertThat(transport.capabilities().limits().maxSubjectBytes()).isGreaterThan(100);

        Probes probes = new Probes(transport, this);
        for (Capability capability : Capability.values()) {
            probes.found(capability)
                    .ifPresent(found -> assertThat(found)
                            .as("%s, declared as %s, was found", capability, declared.level(capability))
                            .isEqualTo(declared.has(capability)));
        }
    }

    @Rule("CFG-09")
    default void unwrap_givesTheNativeClientOrNothing() {
        record Stranger() {}
        Messenger messenger = connect();

        assertThat(messenger.unwrap(Stranger.class)).isEmpty();
        assertThatThrownBy(() -> messenger.unwrap(nullClass())).isInstanceOf(NullPointerException.class);
        Optional<Object> any = messenger.unwrap(Object.class);
        any.ifPresent(client -> {
            assertThat(client).isNotInstanceOfAny(Messenger.class, Transport.class);
            Optional<Object> again = messenger.unwrap(client.getClass()).map(Object.class::cast);
            assertThat(again).as("the same by its own type").containsSame(client);
        });
    }

    @SuppressWarnings("NullAway") // null is what this is about
    private static Class<Object> nullClass() {
        return null;
    }

    @Rule("CFG-10")
    default void nativeErrors_areWrappedOnceAndKept() {
        if (!connectionCanBreak()) {
            return;
        }
        BrokerControl broker = privateBroker();
        broker.proxy().disappear();

        AntiphonException refused = assertThrows(
                ErrorCode.NOT_CONNECTED,
                () -> harness().closing(builder(broker.proxiedUrl()).connect()));

        assertThat(refused.getCause()).as("the native error").isNotNull().isNotInstanceOf(AntiphonException.class);
    }

    @Rule("CFG-11")
    default void options_ofTheWrongType_areAllRefused() {
        MessengerBuilder builder = builder(harness().fixture().url());
        List<String> wrong = new ArrayList<>();
        for (TransportOption option : harness().fixture().provider().options()) {
            switch (option.type()) {
                case NUMBER, FLAG, DURATION -> {
                    builder.option(option.name(), "perhaps");
                    wrong.add(option.name());
                }
                case TEXT, SECRET, PATH -> {
                    // any text will do
                }
            }
        }
        builder.option("request-timeout", "perhaps");
        wrong.add("request-timeout");

        ConfigurationException failure = assertMisconfigured(builder);

        assertThat(failure.problems()).hasSize(wrong.size());
        assertThat(wrong).allSatisfy(option -> assertThat(failure).hasMessageContaining("\"" + option + "\""));
    }
}
