package dev.antiphon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class MessageTest {

    @Test
    void of_text_isUtf8() {
        Message message = Message.of("gr\u00fc\u00dfe \ud83d\ude00");

        assertThat(message.text()).isEqualTo("gr\u00fc\u00dfe \ud83d\ude00");
        assertThat(message.bytes()).isEqualTo("gr\u00fc\u00dfe \ud83d\ude00".getBytes(UTF_8));
        assertThat(message.size()).isEqualTo(12);
    }

    @Test
    void of_bytes_copiesInAndOut() {
        byte[] body = {1, 2, 3};
        Message message = Message.of(body);

        body[0] = 9;
        message.bytes()[1] = 9;

        assertThat(message.bytes()).containsExactly(1, 2, 3);
    }

    @Test
    void wrap_bytes_doesNotCopy() {
        byte[] body = {1, 2, 3};

        assertThat(Message.wrap(body).sharedBytes()).isSameAs(body);
        assertThat(Message.wrap(body).withHeader("a", "1").sharedBytes()).isSameAs(body);
    }

    @Test
    void buffer_always_isReadOnly() {
        assertThatThrownBy(() -> Message.of("x").buffer().put((byte) 1)).isInstanceOf(ReadOnlyBufferException.class);
        assertThat(Message.of("xyz").buffer().remaining()).isEqualTo(3);
    }

    @Test
    void text_malformed_hasReplacementCharacters() {
        assertThat(Message.wrap(new byte[] {'a', (byte) 0xff}).text()).isEqualTo("a\ufffd");
    }

    @Test
    void with_anything_leavesTheOriginalAlone() {
        Message message = Message.of("x");

        Message changed = message.withHeader("a", "1").withContentType("text/plain");

        assertThat(changed.header("A")).contains("1");
        assertThat(changed.contentType()).contains("text/plain");
        assertThat(changed.text()).isEqualTo("x");
        assertThat(message.headers().isEmpty()).isTrue();
        assertThat(message.contentType()).isEmpty();
    }

    @Test
    void withContentType_badValue_isRefused() {
        assertThatThrownBy(() -> Message.empty().withContentType("text/plain\r\nX: 1"))
                .isInstanceOf(AntiphonException.class);
    }

    @Test
    void equals_bodyHeadersAndType_decide() {
        Message message = Message.of("x").withHeader("a", "1").withContentType("t");

        assertThat(message)
                .isEqualTo(Message.of("x").withHeader("A", "1").withContentType("t"))
                .hasSameHashCodeAs(Message.of("x").withHeader("A", "1").withContentType("t"))
                .isNotEqualTo(Message.of("y").withHeader("a", "1").withContentType("t"))
                .isNotEqualTo(Message.of("x").withHeader("a", "2").withContentType("t"))
                .isNotEqualTo(Message.of("x").withHeader("a", "1"));
        assertThat(Message.of("")).isEqualTo(Message.empty());
    }

    @Test
    void toString_always_hidesBodyAndValues() {
        assertThat(Message.of("s3cr3t").withHeader("token", "s3cr3t").withContentType("text/plain"))
                .hasToString("Message[6 bytes, headers [token], text/plain]");
    }
}
