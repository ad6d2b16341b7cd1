package dev.antiphon.conformance.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaBrokerTest {

    private static boolean listens(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, 2_000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    @Test
    void broker_startedKilledAndStarted_keepsItsAddress() {
        try (KafkaBroker broker = KafkaBrokers.open(KafkaConfig.plain())) {
            InetSocketAddress address = broker.address();
            assertThat(listens(address)).isTrue();
            assertThat(broker.version()).matches("\\d+\\.\\d+.*");

            broker.kill();
            assertThat(listens(address)).isFalse();
            broker.start();

            assertThat(listens(address)).isTrue();
            assertThat(broker.address()).isEqualTo(address);
            assertThat(listens(broker.proxy().address())).isTrue();
            assertThat(broker.proxiedUrl()).endsWith(":" + broker.proxy().port());
        }
    }

    @Test
    void urlThrough_anotherProxy_isRefused() {
        try (KafkaBroker broker = KafkaBrokers.open(KafkaConfig.plain());
                TcpProxy other = TcpProxy.open(broker.address())) {
            assertThatThrownBy(() -> broker.urlThrough(other)).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Test
    void shared_addressIsGiven_isUsedAndNotControlled() {
        KafkaBrokers brokers =
                new KafkaBrokers(Environment.of(Map.of(KafkaBrokers.URL_VARIABLE, "kafka://localhost:19092")));

        KafkaBroker broker = brokers.openShared();

        assertThat(broker.url()).isEqualTo("kafka://localhost:19092");
        assertThatThrownBy(broker::kill).isInstanceOf(ControlUnavailableException.class);
    }

    @Test
    void openPrivate_withContainersOnly_isAProcessNevertheless() {
        KafkaBrokers brokers = new KafkaBrokers(Environment.of(Map.of(BrokerChoice.VARIABLE, "docker")));

        try (KafkaBroker broker = brokers.openPrivate(KafkaConfig.plain())) {
            assertThat(listens(broker.address())).isTrue();
        }
    }
}
