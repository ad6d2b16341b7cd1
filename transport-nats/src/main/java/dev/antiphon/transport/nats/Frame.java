package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.spi.CorrelationId;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One message as it came over the connection: a window over the reader's arrays, valid during one call. Whoever needs
 * something of it for longer copies it.
 */
final class Frame {

    private byte[] line = new byte[0];
    private int subjectStart;
    private int subjectEnd;
    private int replyStart;
    private int replyEnd;
    private byte[] data = new byte[0];
    private int dataStart;
    private int headerLength;
    private int bodyLength;
    private boolean handedOver;

    /** The control line, and where in it the subject and the reply address are; the latter is empty if there is none. */
    void control(byte[] newLine, int subjectFrom, int subjectTo, int replyFrom, int replyTo) {
        line = newLine;
        subjectStart = subjectFrom;
        subjectEnd = subjectTo;
        replyStart = replyFrom;
        replyEnd = replyTo;
    }

    /** The headers and right behind them the body, in an array that the reader goes on using. */
    void payload(byte[] newData, int start, int headers, int body) {
        data = newData;
        dataStart = start;
        headerLength = headers;
        bodyLength = body;
        handedOver = false;
    }

    /** The headers and right behind them the body, in an array that holds nothing else and that the reader gives away. */
    void payload(byte[] newData, int headers) {
        payload(newData, 0, headers, newData.length - headers);
        handedOver = true;
    }

    String subject() {
        return new String(line, subjectStart, subjectEnd - subjectStart, UTF_8);
    }

    boolean subjectIs(byte[] expected) {
        return Arrays.equals(line, subjectStart, subjectEnd, expected, 0, expected.length);
    }

    boolean subjectStartsWith(byte[] prefix) {
        return subjectEnd - subjectStart >= prefix.length
                && Arrays.equals(line, subjectStart, subjectStart + prefix.length, prefix, 0, prefix.length);
    }

    /** A copy of the subject's bytes. */
    byte[] subjectBytes() {
        return Arrays.copyOfRange(line, subjectStart, subjectEnd);
    }

    /** Whether the subject from {@code offset} on is a correlation id. */
    boolean hasIdAt(int offset) {
        return CorrelationId.isText(line, subjectStart + offset, subjectEnd);
    }

    /** The correlation id at {@code offset} of the subject. */
    long idAt(int offset) {
        return CorrelationId.parse(line, subjectStart + offset);
    }

    /** A copy of the reply address, or null if there is none. */
    byte @Nullable [] replyTo() {
        return replyStart == replyEnd ? null : Arrays.copyOfRange(line, replyStart, replyEnd);
    }

    HeaderBlock headers() {
        return headerLength == 0 ? HeaderBlock.NONE : HeaderBlock.parse(data, dataStart, dataStart + headerLength);
    }

    /** The status that the server put in place of a message, or 0. Cheap for messages without headers. */
    int status() {
        return headerLength == 0 ? 0 : HeaderBlock.status(data, dataStart, dataStart + headerLength);
    }

    int size() {
        return headerLength + bodyLength;
    }

    /** The body, for the caller to keep. */
    byte[] body() {
        if (handedOver && headerLength == 0) {
            return data;
        }
        int start = dataStart + headerLength;
        return Arrays.copyOfRange(data, start, start + bodyLength);
    }
}
