package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.RemoteException;
import dev.antiphon.spi.ControlHeaders;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers Antiphon adds. */
class ControlCodecTest {

    @ParameterizedTest
    @EnumSource(names = {"UNAVAILABLE", "RESOURCE_EXHAUSTED", "TOO_LARGE"})
    void errorReply_ofTheEngine_keepsItsCode(ErrorCode code) {
        AntiphonException read = read(ControlCodec.errorReply(code, "why"));

        assertThat(read.code()).isEqualTo(code);
        assertThat(read.getMessage()).contains("why");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "100 %", "%41", " a ", "\r\nInjected: 1", "\u00e4\u20ac\ud83d\ude00", "a+b"})
    void errorReply_anyText_comesThroughUnchanged(String text) {
        Message reply = ControlCodec.errorReply(new RemoteException(text, text));

        reply.headers().forEach((name, value) -> assertThat(value).matches("[!-~]*"));
        RemoteException read = (RemoteException) read(reply);
        assertThat(read.remoteCode()).isEqualTo(text);
        assertThat(read.remoteMessage()).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"100% sure|100% sure", "%|%", "%4|%4", "%zz|%zz", "a%20b|a b", "%41%4|A%4"})
    void error_foreignText_isReadLeniently(String sent, String read) {
        Message reply = Message.empty()
                .withHeaders(Headers.received(
                        ControlHeaders.ERROR,
                        "REMOTE",
                        ControlHeaders.ERROR_CODE,
                        "X",
                        ControlHeaders.ERROR_MESSAGE,
                        sent));

        assertThat(((RemoteException) read(reply)).remoteMessage()).isEqualTo(read);
    }

    @Test
    void error_codeOfALaterVersion_isARemoteFailure() {
        RemoteException read =
                (RemoteException) read(Message.empty().withHeaders(Headers.received(ControlHeaders.ERROR, "NEW_CODE")));

        assertThat(read.remoteCode()).isEqualTo("NEW_CODE");
        assertThat(read.remoteMessage()).isEmpty();
    }

    @Test
    void error_ordinaryReply_isNull() {
        assertThat(ControlCodec.error(Message.of("reply"))).isNull();
        assertThat(ControlCodec.error(Message.of("reply").withHeader("a", "1"))).isNull();
    }

    @Test
    void withoutControlHeaders_anySpelling_keepsTheUsersOnly() {
        Message message = Message.of("x")
                .withHeaders(Headers.received("ANTIPHON-Budget", "1", "a", "1", "antiphon-new", "2", "a", "2"));

        assertThat(ControlCodec.withoutControlHeaders(message).headers()).isEqualTo(Headers.of("a", "1", "a", "2"));
    }

    @Test
    void withoutControlHeaders_none_isTheSameMessage() {
        Message message = Message.of("x").withHeader("a", "1");

        assertThat(ControlCodec.withoutControlHeaders(message)).isSameAs(message);
    }

    private static AntiphonException read(Message reply) {
        return Objects.requireNonNull(ControlCodec.error(reply));
    }
}
