package dev.antiphon.conformance.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.SocketFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which broker the tests get. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RabbitBrokersTest {
    @Test
    void shared_withAddress_isThatServerAndRefusesControl() {
        RabbitBroker server = RabbitBrokers.shared();
        String url = server.url().replace("amqp://", "amqp://alice:s3cret@") + "/orders";
        RabbitBroker external = brokers(Map.of(RabbitBrokers.URL_VARIABLE, url)).openShared();

        assertThat(external.url()).isEqualTo(url);
        assertThat(external.address()).isEqualTo(server.address());
        assertThat(external.version()).isEqualTo(server.version());
        assertThat(external.origin()).isEqualTo("ANTIPHON_TEST_RABBITMQ_URL");
        assertThat(external.proxiedUrl())
                .isEqualTo("amqp://alice:s3cret@127.0.0.1:" + external.proxy().port() + "/orders");
        List<ThrowingCallable> operations = List.of(
                external::start,
                external::stop,
                external::restart,
                external::kill,
                external::pause,
                external::resume,
                external::wipe,
                external.inspector()::state,
                external.admin()::raiseMemoryAlarm);
        assertThat(operations).allSatisfy(RabbitBrokersTest::assertRefused);
        external.close();
        assertThat(RabbitGreeting.ask(server.address(), SocketFactory.getDefault()))
                .isPresent();
    }

    @Test
    void shared_withAddressAndCtl_runsThat(@TempDir Path folder) throws Exception {
        Path ctl = folder.resolve("ctl");
        String nothing = "connections,channels,consumers,queues,exchanges,bindings".replaceAll("\\w+", "\"$0\":[]");
        String answer = Base64.getEncoder().encodeToString(("{" + nothing + "}").getBytes(UTF_8));
        Files.writeString(ctl, "#!/bin/sh\ntest $1-$2 = on-eval && echo '<<<" + answer + ">>>ok'\n");
        assertThat(ctl.toFile().setExecutable(true)).isTrue();
        RabbitBroker external = brokers(Map.of(
                        RabbitBrokers.URL_VARIABLE,
                        RabbitBrokers.shared().url(),
                        RabbitBrokers.CTL_VARIABLE,
                        ctl + " on"))
                .openShared();
        assertThat(external.inspector().connectionCount("nobody")).isZero();
        assertThatThrownBy(() -> external.admin().addUser("alice", "s3cret"))
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("rabbitmqctl add_user failed with exit code 1")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void shared_withAddressOfNothing_doesNotFallBack() {
        int port = LoopbackPorts.free();
        String url = "amqp://alice:s3cret@127.0.0.1:" + port;
        assertThatThrownBy(
                        () -> brokers(Map.of(RabbitBrokers.URL_VARIABLE, url)).openShared())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("ANTIPHON_TEST_RABBITMQ_URL")
                .hasMessageContaining(Integer.toString(port))
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void shared_withAddressOfAnotherBroker_saysSo() {
        try (NatsBroker nats = NatsBrokers.open(NatsConfig.plain())) {
            String url = nats.url().replace("nats://", "amqp://");
            assertThatThrownBy(() ->
                            brokers(Map.of(RabbitBrokers.URL_VARIABLE, url)).openShared())
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("no RabbitMQ server answers there");
        }
    }

    @Test
    void shared_withMalformedAddress_doesNotRepeatIt() {
        assertThatThrownBy(() -> brokers(Map.of(RabbitBrokers.URL_VARIABLE, "amqp://alice:s3cret@one:1,two:2"))
                        .openShared())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("not the URL of one server")
                .hasMessageContaining("amqp://host:5672")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void open_withNoBrokerAnywhere_saysWhatWasTriedAndWhatHelps() {
        RabbitBrokers brokers = new RabbitBrokers(
                new Environment(Map.of(BrokerChoice.VARIABLE, "native", "PATH", "/no/such/directory"), "/none"));
        assertThatExceptionOfType(BrokerUnavailableException.class)
                .isThrownBy(brokers::openShared)
                .satisfies(failure -> assertThat(failure.tried())
                        .containsExactly(
                                "ANTIPHON_TEST_RABBITMQ_URL: ruled out by ANTIPHON_TEST_BROKERS=native",
                                "Docker: ruled out by ANTIPHON_TEST_BROKERS=native",
                                "native: no program rabbitmq-server in /no/such/directory:/none"))
                .withMessageContaining("No RabbitMQ broker to test with")
                .withMessageContaining("apt-get install rabbitmq-server")
                .withMessageContaining("set ANTIPHON_TEST_RABBITMQ_URL");
    }

    @Test
    void open_withScriptThatOnlyWrapsTheServer_passesItOver(@TempDir Path folder) throws Exception {
        Path wrapper = Files.createFile(folder.resolve(RabbitBrokers.PROGRAM));
        assertThat(wrapper.toFile().setExecutable(true)).isTrue();
        Environment environment = new Environment(Map.of("PATH", folder.toString()), "/none");
        assertThat(environment.program(RabbitBrokers.PROGRAM)).contains(wrapper);
        assertThat(environment.program(RabbitBrokers.PROGRAM, RabbitBrokers::isServer))
                .isEmpty();
        Files.createFile(folder.resolve("rabbitmq-env"));
        assertThat(environment.program(RabbitBrokers.PROGRAM, RabbitBrokers::isServer))
                .contains(wrapper);
    }

    @Test
    void open_withChoiceNative_isNative_orSaysWhyThereIsNone() {
        Map<String, String> variables = new HashMap<>(System.getenv());
        variables.put(BrokerChoice.VARIABLE, "native");
        RabbitBrokers brokers = brokers(variables);
        Optional<Path> program = Environment.of(variables).program(RabbitBrokers.PROGRAM, RabbitBrokers::isServer);
        if (program.isPresent()) {
            try (RabbitBroker broker = brokers.openPrivate(RabbitConfig.plain())) {
                assertThat(broker).isInstanceOf(RabbitServer.class);
            }
        } else {
            assertThatThrownBy(() -> brokers.openPrivate(RabbitConfig.plain()))
                    .isInstanceOf(BrokerUnavailableException.class);
        }
    }

    @Test
    void open_withChoiceDocker_isAContainer_orSaysWhyThereIsNone() {
        Map<String, String> variables = new HashMap<>(System.getenv());
        variables.put(BrokerChoice.VARIABLE, "docker");
        RabbitBrokers brokers = brokers(variables);
        Optional<String> obstacle = DockerEngine.obstacle(RabbitContainer.IMAGE, Environment.of(variables));
        if (obstacle.isEmpty()) {
            try (RabbitBroker broker = brokers.openPrivate(RabbitConfig.plain())) {
                assertThat(broker).isInstanceOf(RabbitContainer.class);
            }
        } else {
            assertThatThrownBy(() -> brokers.openPrivate(RabbitConfig.plain()))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("Docker: " + obstacle.get());
        }
    }

    private static void assertRefused(ThrowingCallable operation) {
        assertThatThrownBy(operation)
                .isInstanceOf(ControlUnavailableException.class)
                .hasMessageContaining("ANTIPHON_TEST_RABBITMQ_URL");
    }

    private static RabbitBrokers brokers(Map<String, String> variables) {
        return new RabbitBrokers(Environment.of(variables));
    }
}
