package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.antiphon.Headers;
import dev.antiphon.Message;
import dev.antiphon.spi.ControlHeaders;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void frame_written_isReadBack(Frame.Kind kind) {
        Frame frame = new Frame(kind, 123_456_789_012L, -42);

        assertThat(Frame.of(frame.on(Message.of("body").withHeader("a", "b")))).isEqualTo(frame);
        assertThat(Frame.of(new Frame(kind, 0, 0).alone())).isEqualTo(new Frame(kind, 0, 0));
    }

    @Test
    void frame_ofAnOrdinaryMessage_isNone() {
        assertThat(Frame.of(Message.of("reply").withHeader("a", "b"))).isNull();
        assertThat(Frame.of(Message.empty())).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "item;n=",
                "item;n=-1",
                "item;n=1x",
                "item;n=1234567890123456789",
                "item;x=",
                "item;x=short",
                "item;x=!!!!!!!!!!!",
                "later-kind;n=1",
                "ITEM"
            })
    void frame_nonsense_isUnknown(String value) {
        assertThat(Frame.parse(value).kind()).isEqualTo(Frame.Kind.UNKNOWN);
    }

    @Test
    void frame_withParametersOfALaterVersion_isRead() {
        assertThat(Frame.parse("item;n=3;colour=red;;")).isEqualTo(new Frame(Frame.Kind.ITEM, 3, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "1;accepted",
                "1;accepted;progress;responder;bodiless;no-reply",
                "1;accepted;stream;credit=16;gap=500"
            })
    void wants_written_areReadBack(String value) {
        Wants wants = Wants.of(Headers.received(ControlHeaders.WANTS, value));

        assertThat(wants).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "accepted", "0;accepted", "x", "-1", "1;stream;credit=-1", "1;stream;gap=", "1;credit=9e9"})
    void wants_nonsense_isNothing(String value) {
        assertThat(Wants.of(Headers.received(ControlHeaders.WANTS, value))).isNull();
    }

    @Test
    void wants_outOfBounds_areBrought() {
        Wants wants = Wants.of(Headers.received(ControlHeaders.WANTS, "7;later;stream;credit=99999999999;gap=0"));

        assertThat(wants).isNotNull();
        assertThat(wants.stream()).isEqualTo(new Wants.Flow(1 << 20, 50));
    }

    /** Any characters are read as something, and quickly. */
    @Test
    void values_random_neverFail() {
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 200_000; i++) {
            String value = randomValue(random);
            assertThatCode(() -> {
                        Frame.parse(value);
                        Wants.of(Headers.received(ControlHeaders.WANTS, value));
                    })
                    .as("seed %d, value <%s>", seed, value)
                    .doesNotThrowAnyException();
        }
    }

    static String randomValue(Random random) {
        String[] words = {
            "accepted",
            "progress",
            "item",
            "end",
            "error",
            "cancel",
            "credit",
            "going-away",
            "1",
            ";",
            "n=",
            "x=",
            "stream",
            "credit=",
            "gap=",
            "=",
            "0123456789A",
            "99999999999999999",
            "-",
            "\u0000",
            "\u00e9",
            " "
        };
        StringBuilder value = new StringBuilder();
        for (int i = random.nextInt(8); i >= 0; i--) {
            if (random.nextInt(4) == 0) {
                value.append((char) random.nextInt(0x180));
            } else {
                value.append(words[random.nextInt(words.length)]);
            }
        }
        return value.toString();
    }
}
