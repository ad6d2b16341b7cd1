package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which broker the tests get. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NatsBrokersTest {
    @Test
    void shared_withAddress_isThatServerAndRefusesControl() {
        try (NatsBroker server = NatsBrokers.open(NatsConfig.plain())) {
            String url = server.url().replace("nats://", "nats://alice:s3cret@");
            NatsBroker shared = brokers(Map.of(NatsBrokers.URL_VARIABLE, url)).openShared();

            assertThat(shared.url()).isEqualTo(url);
            assertThat(shared.address()).isEqualTo(server.address());
            assertThat(shared.version()).isEqualTo(server.version());
            assertThat(shared.origin()).isEqualTo("ANTIPHON_TEST_NATS_URL");
            assertThat(shared.proxiedUrl())
                    .isEqualTo("nats://alice:s3cret@127.0.0.1:" + shared.proxy().port());
            List<ThrowingCallable> operations =
                    List.of(shared::start, shared::stop, shared::restart, shared::kill, shared::pause, shared::resume);
            assertThat(operations).allSatisfy(NatsBrokersTest::assertRefused);
            assertRefused(() -> shared.inspector().connections());
            shared.close();
            assertThat(NatsGreeting.ask(server.address())).isPresent();
        }
    }

    @Test
    void shared_withAddressAndMonitor_canBeInspected() {
        try (NatsBroker server = NatsBrokers.open(NatsConfig.plain())) {
            String monitor = "http://127.0.0.1:" + server.address("monitor").getPort();
            NatsBroker shared = brokers(
                            Map.of(NatsBrokers.URL_VARIABLE, server.url(), NatsBrokers.MONITOR_VARIABLE, monitor))
                    .openShared();
            assertThat(shared.inspector().connectionCount("nobody")).isZero();
        }
    }

    @Test
    void shared_withAddressOfNothing_doesNotFallBack() {
        int port = LoopbackPorts.free();
        String url = "nats://alice:s3cret@127.0.0.1:" + port;
        assertThatThrownBy(() -> brokers(Map.of(NatsBrokers.URL_VARIABLE, url)).openShared())
                .isInstanceOf(BrokerException.class)
                .hasMessageContaining("ANTIPHON_TEST_NATS_URL")
                .hasMessageContaining(Integer.toString(port))
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void shared_withMalformedAddress_doesNotRepeatIt() {
        for (String url : List.of("nats://alice:s3cret@one:1,nats://two:2", "nats://alice:s3cret@ho st", "localhost")) {
            assertThatThrownBy(
                            () -> brokers(Map.of(NatsBrokers.URL_VARIABLE, url)).openShared())
                    .isInstanceOf(BrokerException.class)
                    .hasMessageContaining("not the URL of one server")
                    .hasMessageNotContaining("s3cret");
        }
    }

    @Test
    void shared_withoutAddress_isStartedOnce() {
        NatsBrokers brokers = brokers(System.getenv());
        NatsBroker shared = brokers.openShared();
        assertThat(brokers.openShared()).isSameAs(shared);
        assertThat(NatsGreeting.ask(shared.address())).isPresent();
        shared.close();
    }

    @Test
    void open_withNoBrokerAnywhere_saysWhatWasTriedAndWhatHelps() {
        NatsBrokers brokers = brokers(Map.of(BrokerChoice.VARIABLE, "native", "PATH", "/no/such/directory"), "/none");
        assertThatExceptionOfType(BrokerUnavailableException.class)
                .isThrownBy(brokers::openShared)
                .satisfies(failure -> assertThat(failure.tried())
                        .containsExactly(
                                "ANTIPHON_TEST_NATS_URL: ruled out by ANTIPHON_TEST_BROKERS=native",
                                "Docker: ruled out by ANTIPHON_TEST_BROKERS=native",
                                "native: no program nats-server in /no/such/directory:/none"))
                .withMessageContaining("No NATS broker to test with")
                .withMessageContaining("apt-get install nats-server")
                .withMessageContaining("start Docker")
                .withMessageContaining("set ANTIPHON_TEST_NATS_URL");
    }

    @Test
    void open_withChoiceNative_isNative_orSaysWhyThereIsNone() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put(BrokerChoice.VARIABLE, "native");
        NatsBrokers brokers = brokers(environment);
        if (Environment.of(environment).program("nats-server").isPresent()) {
            try (NatsBroker broker = brokers.openPrivate(NatsConfig.plain())) {
                assertThat(broker).isInstanceOf(NatsServer.class);
            }
        } else {
            assertThatThrownBy(() -> brokers.openPrivate(NatsConfig.plain()))
                    .isInstanceOf(BrokerUnavailableException.class);
        }
    }

    @Test
    void open_withChoiceDocker_isAContainer_orSaysWhyThereIsNone() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put(BrokerChoice.VARIABLE, "docker");
        NatsBrokers brokers = brokers(environment);
        Optional<String> obstacle = DockerEngine.obstacle(NatsContainer.IMAGE, Environment.of(environment));
        if (obstacle.isEmpty()) {
            try (NatsBroker broker = brokers.openPrivate(NatsConfig.plain())) {
                assertThat(broker).isInstanceOf(NatsContainer.class);
            }
        } else {
            assertThatThrownBy(() -> brokers.openPrivate(NatsConfig.plain()))
                    .isInstanceOf(BrokerUnavailableException.class)
                    .hasMessageContaining("Docker: " + obstacle.get())
                    .hasMessageContaining("native: ruled out by ANTIPHON_TEST_BROKERS=docker");
        }
    }

    @Test
    void open_withUnknownChoice_saysWhichThereAre() {
        assertThatThrownBy(
                        () -> brokers(Map.of(BrokerChoice.VARIABLE, "podman")).openPrivate(NatsConfig.plain()))
                .isInstanceOf(BrokerException.class)
                .hasMessage("ANTIPHON_TEST_BROKERS=podman is none of [auto, docker, native]");
    }

    @Test
    void failure_isNotLookedForTwice() {
        NatsBrokers brokers = brokers(Map.of(BrokerChoice.VARIABLE, "native", "PATH", "/no/such/directory"), "/none");
        Throwable first = catchThrowable(brokers::openShared);
        assertThat(catchThrowable(brokers::openShared)).isSameAs(first);
    }

    @Test
    void dockerEngine_withoutASign_isNotAsked(@TempDir Path home) throws Exception {
        Environment empty = Environment.of(Map.of());
        boolean systemSocket = Files.exists(Path.of("/var/run/docker.sock"));
        assertThat(DockerEngine.hasSign(empty, home)).isEqualTo(systemSocket);
        assertThat(DockerEngine.hasSign(Environment.of(Map.of("DOCKER_HOST", "tcp://h:1")), home))
                .isTrue();
        Files.createDirectories(home.resolve(".docker/run"));
        Files.createFile(home.resolve(".docker/run/docker.sock"));
        assertThat(DockerEngine.hasSign(empty, home)).isTrue();
    }

    private static void assertRefused(ThrowingCallable operation) {
        assertThatThrownBy(operation)
                .isInstanceOf(ControlUnavailableException.class)
                .hasMessageContaining("ANTIPHON_TEST_NATS_URL");
    }

    private static NatsBrokers brokers(Map<String, String> environment) {
        return new NatsBrokers(Environment.of(environment));
    }

    private static NatsBrokers brokers(Map<String, String> environment, String serverDirectories) {
        return new NatsBrokers(new Environment(environment, serverDirectories));
    }
}
