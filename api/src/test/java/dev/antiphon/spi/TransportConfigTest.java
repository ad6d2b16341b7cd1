package dev.antiphon.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.spi.TransportConfig.Address;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransportConfigTest {

    private static final TransportConfig CONFIG = new TransportConfig(
            "nats",
            List.of(new Address("a", 1), new Address("::1", -1)),
            "path",
            "user",
            "s3cr3t",
            "name",
            Map.of("text", "t", "number", "5", "flag", "true", "duration", "2s"));

    @Test
    void accessors_always_giveTypedValues() {
        assertThat(CONFIG.text("text")).contains("t");
        assertThat(CONFIG.number("number")).contains(5L);
        assertThat(CONFIG.flag("flag")).isTrue();
        assertThat(CONFIG.duration("duration")).contains(Duration.ofSeconds(2));
        assertThat(CONFIG.user()).contains("user");
        assertThat(CONFIG.password()).contains("s3cr3t");
        assertThat(CONFIG.connectionName()).isEqualTo("name");
    }

    @Test
    void accessors_notSet_areEmpty() {
        assertThat(CONFIG.text("x")).isEmpty();
        assertThat(CONFIG.number("x")).isEmpty();
        assertThat(CONFIG.flag("x")).isFalse();
        assertThat(CONFIG.duration("x")).isEmpty();
    }

    @Test
    void toString_always_hidesCredentialsAndOptions() {
        assertThat(CONFIG).hasToString("nats://a:1,::1/path");
    }

    @ParameterizedTest
    @CsvSource({"host,1,host:1", "host,-1,host", "::1,4222,[::1]:4222", "10.0.0.1,0,10.0.0.1:0"})
    void address_text_canBeReadAgain(String host, int port, String text) {
        assertThat(new Address(host, port)).hasToString(text);
    }
}
