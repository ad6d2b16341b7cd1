package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WrittenPingsTest {

    @ParameterizedTest
    @CsvSource({
        "'CONNECT {}\r\nPING\r\n', 1",
        "'PING\r\nPING\r\n', 2",
        "'PONG\r\n', 0",
        "'SUB PING 1\r\n', 0",
        "'PUB a 6\r\nPING\r\n\r\n', 0",
        "'PUB a b 6\r\nPING\r\n\r\nPING\r\n', 1",
        "'HPUB a 12 18\r\nNATS/1.0\r\n\r\nPING\r\n\r\nPING\r\n', 1",
        "'PUB a 0\r\n\r\nPING\r\n', 1",
        "'UNSUB 1\r\nPING\r\nPUB a 13\r\nPUB b 2\r\nPING\r\n', 1"
    })
    void count_countsPingsBetweenFramesOnly(String frames, int expected) {
        byte[] bytes = frames.getBytes(US_ASCII);
        assertThat(new WrittenPings().count(bytes, bytes.length)).isEqualTo(expected);
    }
}
