package dev.antiphon.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.conformance.broker.KafkaBroker;
import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.spi.TransportConfig;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ProbeTest {

    private static TransportConfig.Address address(int port) {
        return new TransportConfig.Address("localhost", port);
    }

    private static Probe probe(Duration limit, TransportConfig.Address... addresses) {
        return new Probe(
                new Settings(new TransportConfig("kafka", List.of(addresses), "", null, null, "probe", Map.of())),
                () -> limit,
                task -> new Thread(task, "probe").start());
    }

    /** A host that has gone swallows everything: nobody is to wait for it who has another one. */
    @Test
    void reachable_oneAddressIsSilent_isWhatTheOthersSay() throws Exception {
        KafkaBroker broker = KafkaBrokers.shared();
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Probe probe = probe(
                    Duration.ofMinutes(5),
                    address(silent.getLocalPort()),
                    address(broker.address().getPort()),
                    address(1));

            assertThat(probe.reachable())
                    .containsExactly("localhost:" + broker.address().getPort());
        }
    }

    @Test
    void reachable_nobodyAnswers_saysWhyForEach() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Probe probe = probe(Duration.ofMillis(200), address(silent.getLocalPort()), address(1));

            AntiphonException refused = catchThrowableOfType(AntiphonException.class, probe::reachable);

            assertThat(refused.code()).isEqualTo(ErrorCode.NOT_CONNECTED);
            Stream.of(silent.getLocalPort() + ": no answer within PT0.2S", "localhost:1: ")
                    .forEach(reason -> assertThat(refused).hasMessageContaining(reason));
        }
    }
}
