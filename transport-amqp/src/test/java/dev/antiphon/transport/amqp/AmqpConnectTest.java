package dev.antiphon.transport.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Connection;
import dev.antiphon.AntiphonException;
import dev.antiphon.ConfigurationException;
import dev.antiphon.ErrorCode;
import dev.antiphon.conformance.Recorder;
import dev.antiphon.conformance.broker.RabbitBroker;
import dev.antiphon.conformance.broker.RabbitBrokers;
import dev.antiphon.conformance.broker.RabbitConfig;
import dev.antiphon.conformance.broker.RabbitState;
import dev.antiphon.spi.Transport;
import dev.antiphon.spi.TransportConfig.Address;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AmqpConnectTest {

    private final Links links = new Links();
    private final Recorder recorder = new Recorder();

    @AfterEach
    void close() {
        links.close();
    }

    @Test
    void start_withWrongCredentials_failsAuthenticationAndTriesNoOtherAddress() {
        Address address = Links.address(RabbitBrokers.shared().address());
        Transport transport = links.create("amqp", List.of(address, address), "", "guest", "wr0ng", Map.of());
        long begin = System.nanoTime();
        AntiphonException failure = Links.failureOf(transport.start(recorder));
        assertThat(failure.code()).isEqualTo(ErrorCode.AUTHENTICATION);
        assertThat(failure)
                .hasMessageContaining(Integer.toString(address.port()))
                .hasMessageNotContaining("wr0ng");
        assertThat(failure.getSuppressed()).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        await().untilAsserted(() -> assertThat(links.threads()).isEmpty());
    }

    @Test
    void start_withAVirtualHostThatIsMissing_failsNotFound() {
        Address address = Links.address(RabbitBrokers.shared().address());
        Transport transport = links.create("amqp", List.of(address), "no such", null, null, Map.of());
        AntiphonException failure = Links.failureOf(transport.start(recorder));
        assertThat(failure.code()).isEqualTo(ErrorCode.NOT_FOUND);
        assertThat(failure).hasMessageContaining("no such");
    }

    @Test
    void start_withAVirtualHostThatIsNotOurs_failsPermissionDeniedAndWithOursConnects() {
        try (RabbitBroker broker = RabbitBrokers.open(RabbitConfig.plain().withVhost("a/b c"))) {
            broker.admin().addVhost("theirs");
            List<Address> address = List.of(Links.address(broker.address()));
            AntiphonException failure = Links.failureOf(links.create("amqp", address, "theirs", null, null, Map.of())
                    .start(recorder));
            assertThat(failure.code()).isEqualTo(ErrorCode.PERMISSION_DENIED);
            Links.await(
                    links.create("amqp", address, "a/b c", null, null, Map.of()).start(recorder));
            assertThat(broker.inspector().state().connections(links.name()))
                    .extracting(RabbitState.Connection::vhost)
                    .containsExactly("a/b c");
        }
    }

    @Test
    void unwrap_givesTheConnectionWithItsName() {
        Transport transport = links.start(RabbitBrokers.shared());
        assertThat(transport.unwrap(Connection.class))
                .hasValueSatisfying(connection ->
                        assertThat(connection.getClientProvidedName()).isEqualTo(links.name()));
        assertThat(transport.unwrap(String.class)).isEmpty();
    }

    @Test
    void create_withOptionsThatMakeNoSense_namesAllOfThem() {
        ConfigurationException failure = catchThrowableOfType(
                ConfigurationException.class,
                () -> links.create(
                        "amqp",
                        List.of(new Address("localhost", -1)),
                        "",
                        null,
                        null,
                        Map.of(
                                "heartbeat", "100ms",
                                "reply", "pigeon",
                                "subjects", "topics",
                                "queue-type", "quorum",
                                "trust-store", "x.p12",
                                "max-body", "0",
                                "reconnect-wait", "0ms")));
        assertThat(failure.problems()).hasSize(7);
    }
}
