package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.ConfigurationException;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.KafkaConfig;
import dev.antiphon.conformance.broker.TestCertificates;
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
    void options_thatMakeNoSense_areToldTogether() {
        assertThatThrownBy(() -> Messenger.connect(
                        "kafka://localhost/path?sasl=GSSAPI&subjects=topic:a/b&prefix=a:b&partitions=0&ping-interval=0ms"
                                + "&trust-store=x.p12"))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        refused -> assertThat(refused.problems())
                                .hasSize(7)
                                .anySatisfy(problem -> assertThat(problem).contains("no path"))
                                .anySatisfy(problem -> assertThat(problem).contains("sasl"))
                                .anySatisfy(problem -> assertThat(problem).contains("subjects"))
                                .anySatisfy(problem -> assertThat(problem).contains("prefix"))
                                .anySatisfy(problem -> assertThat(problem).contains("partitions"))
                                .anySatisfy(problem -> assertThat(problem).contains("ping-interval"))
                                .anySatisfy(problem -> assertThat(problem).contains("kafka+ssl")));
    }
}
