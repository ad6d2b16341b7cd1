package dev.antiphon.spi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorrelationIdTest {

    @ParameterizedTest
    @CsvSource({
        "0,00000000000",
        "61,0000000000z",
        "62,00000000010",
        "-1,LygHa16AHYF",
        "9223372036854775807,AzL8n0Y58m7",
        "-9223372036854775808,AzL8n0Y58m8"
    })
    void text_ofAnId_isBase62(long id, String text) {
        assertThat(CorrelationId.toText(id)).isEqualTo(text);
        assertThat(CorrelationId.parse(text, 0)).isEqualTo(id);
    }

    @Test
    void parse_ofText_isTheId() {
        new SplittableRandom(1).longs(10_000).forEach(id -> {
            String text = "prefix." + CorrelationId.toText(id);
            assertThat(CorrelationId.isText(text, 7)).isTrue();
            assertThat(CorrelationId.parse(text, 7)).isEqualTo(id);
        });
    }

    @Test
    void write_isTheTextInBytes() {
        new SplittableRandom(2).longs(10_000).forEach(id -> {
            byte[] written = new byte[3 + CorrelationId.LENGTH];
            CorrelationId.write(id, written, 3);
            assertThat(new String(written, 3, CorrelationId.LENGTH, UTF_8)).isEqualTo(CorrelationId.toText(id));
            assertThat(CorrelationId.isText(written, 3, written.length)).isTrue();
            assertThat(CorrelationId.parse(written, 3)).isEqualTo(id);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0000000000",
                "000000000000",
                "0000000000-",
                "0000000000\u00e4",
                "0000000000.",
                "0000000000\u0660"
            })
    void isText_anythingElse_isFalse(String text) {
        assertThat(CorrelationId.isText(text, 0)).isFalse();
        byte[] bytes = text.getBytes(UTF_8);
        assertThat(CorrelationId.isText(bytes, 0, bytes.length)).isFalse();
    }
}
