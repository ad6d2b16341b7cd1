package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.AntiphonException;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderBlockTest {

    @Test
    void parse_ofWhatWasWritten_keepsOrderSpellingAndRepeatedNames() {
        Headers headers = Headers.of("b", "1", "A", "two words", "b", "", "a", "x: y", "antiphon-budget", "5");
        HeaderBlock read = roundTrip(Message.empty().withHeaders(headers).withContentType("text/plain"));
        assertThat(read.headers()).isEqualTo(headers);
        assertThat(read.headers().names()).containsExactly("b", "A", "antiphon-budget");
        assertThat(read.contentType()).isEqualTo("text/plain");
        assertThat(read.status()).isZero();
    }

    @Test
    void write_withoutHeaders_isEmpty() {
        assertThat(new HeaderWriter().write(Message.of("body")).isEmpty()).isTrue();
    }

    @Test
    void write_ofAContentTypeAndAHeaderOfThatName_sendsTheContentTypeOnce() {
        Message message = Message.empty()
                .withHeaders(Headers.of("content-type", "a/b", "x", "y"))
                .withContentType("c/d");
        HeaderBlock read = roundTrip(message);
        assertThat(read.contentType()).isEqualTo("c/d");
        assertThat(read.headers()).isEqualTo(Headers.of("x", "y"));
    }

    @Test
    void write_ofLineBreaksFromElsewhere_canNotAddAHeader() {
        HeaderBlock read =
                roundTrip(Message.empty().withHeaders(Headers.received("x", "a\r\nevil: 1", "y", "\u00fc\n")));
        assertThat(read.headers().names()).containsExactly("x", "y");
        assertThat(read.headers().first("y")).contains("\u00fc");
    }

    @Test
    void parse_ofAStatus_readsCodeAndDescription() {
        HeaderBlock read = parse("NATS/1.0 404 No Messages\r\n\r\n");
        assertThat(read.status()).isEqualTo(404);
        assertThat(read.description()).isEqualTo("No Messages");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "NATS/1.0",
                "HTTP/1.1\r\n\r\n",
                "NATS/1.0 x\r\n\r\n",
                "NATS/1.0\r\nno colon\r\n\r\n",
                "NATS/1.0\r\na: b"
            })
    void parse_ofGarbage_fails(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(AntiphonException.class)
                .hasMessageContaining("DATA_LOSS");
    }

    @Test
    void toService_ofAnErrorReply_addsTheHeadersOfTheConvention() {
        Headers ours = Headers.of(
                ControlHeaders.ERROR,
                "REMOTE",
                ControlHeaders.ERROR_CODE,
                "E%2042",
                ControlHeaders.ERROR_MESSAGE,
                "n%c3%b6");
        assertThat(ServiceErrors.toService(ours))
                .isEqualTo(Headers.received(ServiceErrors.MESSAGE, "n?", ServiceErrors.CODE, "E 42"));
        assertThat(ServiceErrors.toService(Headers.of("x", "y"))).isEqualTo(Headers.EMPTY);
    }

    @Test
    void fromService_ofAnErrorReply_addsOurs() {
        Headers theirs = Headers.of(ServiceErrors.MESSAGE, "not there + gone", ServiceErrors.CODE, "404", "x", "y");
        Headers both = ServiceErrors.fromService(theirs);
        assertThat(both.first(ControlHeaders.ERROR)).contains("REMOTE");
        assertThat(both.first(ControlHeaders.ERROR_CODE)).contains("404");
        assertThat(both.first(ControlHeaders.ERROR_MESSAGE)).contains("not%20there%20%2B%20gone");
        assertThat(both.first("x")).contains("y");
        Headers ordinary = Headers.of("x", "y");
        assertThat(ServiceErrors.fromService(ordinary)).isSameAs(ordinary);
    }

    private static HeaderBlock roundTrip(Message message) {
        FrameBuffer written = new HeaderWriter().write(message);
        return HeaderBlock.parse(written.array(), 0, written.length());
    }

    private static HeaderBlock parse(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return HeaderBlock.parse(bytes, 0, bytes.length);
    }
}
