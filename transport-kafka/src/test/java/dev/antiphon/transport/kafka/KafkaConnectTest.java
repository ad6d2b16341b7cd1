package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConfigurationException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.conformance.broker.Direction;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import dev.antiphon.conformance.broker.TestCertificates;
import dev.antiphon.spi.TransportConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class KafkaConnectTest {

    @Test
    void connect_tlsAndUser_works() {
        KafkaConfig config = KafkaConfig.plain().withTls().withUser("alice", "a \"secret\" of hers");
        try (KafkaBroker broker = KafkaBrokers.open(config);
                TestCertificates files = TestCertificates.unpack();
                Messenger messenger = Messenger.builder()
                        .url(broker.url().replace("://", "://alice:a%20%22secret%22%20of%20hers@"))
                        .option("trust-store", files.trustStore().toString())
                        .option("trust-store-password", TestCertificates.PASSWORD)
                        .connect()) {
            messenger.respond("price", request -> Message.of("42"));

            assertThat(messenger.request("price", Message.empty()).join().text())
                    .isEqualTo("42");
        }
    }

    @Test
    void connect_overScram_worksWithTheRightPasswordOnly() {
        try (KafkaBroker broker = KafkaBrokers.open(KafkaConfig.plain().withScramUser("alice", "s3cret"))) {
            for (String mechanism : List.of("SCRAM-SHA-256", "SCRAM-SHA-512")) {
                String options = "?sasl=" + mechanism;
                Messenger.connect(broker.url().replace("://", "://alice:s3cret@") + options)
                        .close();
                AntiphonException refused = catchThrowableOfType(
                        AntiphonException.class,
                        () -> Messenger.connect(broker.url().replace("://", "://alice:wr0ng@") + options)
                                .close());
                assertThat(refused.code()).isEqualTo(ErrorCode.AUTHENTICATION);
                assertThat(refused).hasMessageNotContaining("wr0ng");
            }
        }
    }

    /** So it is over a slow network, and where a process has little processor time. */
    @Test
    void connect_everyStepWithinTheLimit_connectsAlthoughAllTogetherTakeLonger() {
        Duration limit = Duration.ofSeconds(6);
        try (KafkaBroker broker = KafkaBrokers.open(KafkaConfig.plain())) {
            Messenger.connect(broker.proxiedUrl()).close(); // all the classes are there
            broker.proxy().delay(Direction.TO_CLIENT, Duration.ofMillis(300));
            long begin = System.nanoTime();

            Messenger.connect(broker.proxiedUrl() + "?connect-timeout=" + limit.toMillis() + "ms")
                    .close();

            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(limit);
        }
    }

    /** So it is when a messenger is closed that is just connecting again. */
    @Test
    void session_abandonedOnAnInterruptedThread_leavesNoThreadOfTheNativeClients() throws Exception {
        KafkaBroker broker = KafkaBrokers.shared();
        TransportConfig.Address address = new TransportConfig.Address(
                broker.address().getHostString(), broker.address().getPort());
        KafkaLink link = new KafkaLink(
                new Settings(new TransportConfig("kafka", List.of(address), "", null, null, "abandoned", Map.of())));
        try {
            link.start(new Silent()).get(20, TimeUnit.SECONDS);
            Session session = link.connected(null);
            List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().matches("kafka-(admin|producer).*abandoned.*"))
                    .toList();
            assertThat(threads).hasSize(2);

            Thread.currentThread().interrupt();
            session.abandon();

            assertThat(Thread.interrupted()).as("the thread knows it still").isTrue();
            Awaitility.await().until(() -> threads.stream().noneMatch(Thread::isAlive));
        } finally {
            link.close(Duration.ofSeconds(2));
        }
    }

    @Test
    void options_thatMakeNoSense_areToldTogether() {
        assertThatThrownBy(() -> Messenger.connect(
                        "kafka://localhost/path?sasl=GSSAPI&subjects=topic:a/b&prefix=a:b&partitions=0&ping-interval=0ms"
                                + "&trust-store=x.p12&groups=shares&start=tomorrow"))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        refused -> assertThat(refused.problems())
                                .hasSize(9)
                                .anySatisfy(problem -> assertThat(problem).contains("no path"))
                                .anySatisfy(problem -> assertThat(problem).contains("sasl"))
                                .anySatisfy(problem -> assertThat(problem).contains("subjects"))
                                .anySatisfy(problem ->
                                        assertThat(problem).contains("groups", "share, consumer, classic", "shares"))
                                .anySatisfy(
                                        problem -> assertThat(problem).contains("start", "now, earliest", "tomorrow"))
                                .anySatisfy(problem -> assertThat(problem).contains("prefix"))
                                .anySatisfy(problem -> assertThat(problem).contains("partitions"))
                                .anySatisfy(problem -> assertThat(problem).contains("ping-interval"))
                                .anySatisfy(problem -> assertThat(problem).contains("kafka+ssl")));
    }
}
