package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.spi.CorrelationId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InboxIdTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 61, 62, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0x123456789abcdefL, -4711})
    void write_isTheTextOfACorrelationId(long id) {
        byte[] written = new byte[2 + CorrelationId.LENGTH];
        InboxId.write(id, written, 2);
        assertThat(new String(written, 2, CorrelationId.LENGTH, US_ASCII)).isEqualTo(CorrelationId.toText(id));
        assertThat(InboxId.isId(written, 2, written.length)).isTrue();
        assertThat(InboxId.read(written, 2)).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "twelve-chars", "0123456789.", "0123456789\u007f", "01234567890123"})
    void isId_whenItIsNoCorrelationId_isFalse(String text) {
        byte[] bytes = text.getBytes(US_ASCII);
        assertThat(InboxId.isId(bytes, 0, bytes.length)).isFalse();
    }
}
