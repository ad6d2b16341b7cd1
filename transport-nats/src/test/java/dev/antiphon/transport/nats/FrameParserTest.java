package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTest {

    private static final int CAPACITY = 256;

    /** Everything a server may send, ours and the native client's mixed. */
    private static final String TRAFFIC = "INFO {\"a\":1}\r\n"
            + "MSG a.b A0 5\r\nhello\r\n"
            + "PING\r\n"
            + "MSG a.b 17 19\r\nMSG x A0 3\r\nabc\r\nPO\r\n"
            + "MSG a.b A0 reply.to 0\r\n\r\n"
            + "-ERR 'Permissions Violation for Publish to \"x\"'\r\n"
            + "HMSG s A1 r.2 21 25\r\nNATS/1.0\r\nName: v\r\n\r\n\r\n\r\n\r\n"
            + "MSG gone A7 4\r\nPING\r\n"
            + "PONG\r\n"
            + "PONG\r\n"
            + "+OK\r\n"
            + "HMSG s A1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"
            + "MSG big A0 600\r\n" + "x".repeat(600) + "\r\n"
            + "MSG big 18 600\r\n" + "y".repeat(600) + "\r\n"
            + "INFO {\"urls\":\"" + "z".repeat(600) + "\"}\r\n"
            + "MSG \u00e4 A0 2\r\n\u00e4\r\n";

    private static final List<String> OURS = List.of(
            "0 a.b - hello",
            "0 a.b reply.to ",
            "error Permissions Violation for Publish to \"x\"",
            "1 s r.2 \r\n\r\n headers",
            "pong",
            "pong",
            "1 s - 503",
            "0 big - " + "x".repeat(600),
            "0 \u00e4 - \u00e4");

    private static final String CLIENTS = "INFO {\"a\":1}\r\n"
            + "PING\r\n"
            + "MSG a.b 17 19\r\nMSG x A0 3\r\nabc\r\nPO\r\n"
            + "-ERR 'Permissions Violation for Publish to \"x\"'\r\n"
            + "PONG\r\n"
            + "+OK\r\n"
            + "MSG big 18 600\r\n" + "y".repeat(600) + "\r\n"
            + "INFO {\"urls\":\"" + "z".repeat(600) + "\"}\r\n";

    private final List<String> heard = new ArrayList<>();
    private final ByteArrayOutputStream handedOn = new ByteArrayOutputStream();
    private boolean nextPongIsOurs;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 16, 61, 127, 256})
    void read_inPiecesOfAnySize_splitsTheSameWay(int piece) throws IOException {
        parse(TRAFFIC, piece);
        assertThat(heard).isEqualTo(OURS);
        assertThat(handedOn.toString(UTF_8)).isEqualTo(CLIENTS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MSG a A0\r\n",
                "MSG a A0 x\r\n",
                "MSG a A0 r 5 6 7\r\n",
                "MSG a A0 99999999999\r\n",
                "HMSG a A0 5\r\n",
                "HMSG a A0 7 5\r\n",
                "MSG a Ax 5\r\n"
            })
    void read_ofAFrameThatIsNone_failsTheConnection(String frame) {
        assertThatThrownBy(() -> parse(frame, 64)).isInstanceOf(IOException.class);
    }

    @Test
    void read_whenAnInletThrows_goesOn() throws IOException {
        FrameParser parser = new FrameParser(
                new Sink() {
                    @Override
                    public Inlet inlet(int number) {
                        return frame -> {
                            throw new IllegalStateException(frame.subject());
                        };
                    }
                },
                CAPACITY);
        parser.read(stream("MSG a A0 1\r\nx\r\nMSG b A0 1\r\nx\r\n", 64), new byte[CAPACITY], 0, CAPACITY);
        assertThat(heard).containsExactly("defect a", "defect b");
    }

    @Test
    void body_ofAMessageInOnePiece_isACopy() throws IOException {
        List<byte[]> bodies = new ArrayList<>();
        FrameParser parser = new FrameParser(
                new Sink() {
                    @Override
                    public Inlet inlet(int number) {
                        return frame -> bodies.add(frame.body());
                    }
                },
                CAPACITY);
        InputStream in = stream("MSG a A0 3\r\nabc\r\nMSG a A0 3\r\nxyz\r\n", 17);
        parser.read(in, new byte[CAPACITY], 0, CAPACITY);
        parser.read(in, new byte[CAPACITY], 0, CAPACITY);
        assertThat(bodies).hasSize(2);
        assertThat(new String(bodies.get(0), UTF_8)).isEqualTo("abc");
        assertThat(new String(bodies.get(1), UTF_8)).isEqualTo("xyz");
    }

    private void parse(String traffic, int piece) throws IOException {
        FrameParser parser = new FrameParser(new Sink(), CAPACITY);
        InputStream in = stream(traffic, piece);
        byte[] target = new byte[CAPACITY];
        int count;
        while ((count = parser.read(in, target, 0, CAPACITY)) >= 0) {
            handedOn.write(target, 0, count);
        }
    }

    private static InputStream stream(String text, int piece) {
        return new ByteArrayInputStream(text.getBytes(UTF_8)) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, piece));
            }
        };
    }

    private class Sink implements FrameParser.Sink {

        @Override
        public Inlet inlet(int number) {
            return number > 1 ? null : frame -> heard.add(describe(number, frame));
        }

        private String describe(int number, Frame frame) {
            if (frame.status() != 0) {
                return number + " " + frame.subject() + " - " + frame.status();
            }
            byte[] reply = frame.replyTo();
            return number + " " + frame.subject() + " " + (reply == null ? "-" : new String(reply, UTF_8)) + " "
                    + new String(frame.body(), UTF_8)
                    + (frame.headers().headers().isEmpty() ? "" : " headers");
        }

        @Override
        public boolean onPong() {
            heard.add("pong");
            nextPongIsOurs = !nextPongIsOurs;
            return nextPongIsOurs;
        }

        @Override
        public void onError(String text) {
            heard.add("error " + text);
        }

        @Override
        public void onDefect(RuntimeException defect) {
            heard.add("defect " + defect.getMessage());
        }
    }
}
