package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Headers;
import dev.antiphon.spi.ControlHeaders;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a message from NATS: {@code NATS/1.0[ status[ description]]}, then {@code Name: value} lines, then an
 * empty line. The header {@code Content-Type} becomes the message's content type.
 *
 * @param status the status code of the server, or 0
 * @param description what the server said with it, perhaps empty
 */
record HeaderBlock(
        int status,
        String description,
        Headers headers,
        @Nullable String contentType) {

    static final HeaderBlock NONE = new HeaderBlock(0, "", Headers.EMPTY, null);

    static final String CONTENT_TYPE = "Content-Type";

    /** What the server answers with when nobody subscribes. */
    static final int NO_RESPONDERS = 503;

    private static final byte[] VERSION = "NATS/1.0".getBytes(US_ASCII);

    /** The name that almost every header block has. */
    private static final byte[] BUDGET = ControlHeaders.BUDGET.getBytes(US_ASCII);

    /**
     * Reads a header block.
     *
     * @throws AntiphonException DATA_LOSS if it is none
     */
    static HeaderBlock parse(byte[] bytes, int from, int to) {
        int lineEnd = lineEnd(bytes, from, to);
        if (lineEnd - from < VERSION.length
                || !Arrays.equals(bytes, from, from + VERSION.length, VERSION, 0, VERSION.length)) {
            throw unreadable();
        }
        String statusLine = text(bytes, from + VERSION.length, lineEnd);
        List<String> pairs = new ArrayList<>(4);
        String contentType = null;
        int position = lineEnd + 2;
        while (position < to) {
            lineEnd = lineEnd(bytes, position, to);
            if (lineEnd > position) {
                int colon = colon(bytes, position, lineEnd);
                String name = name(bytes, position, colon);
                String value = text(bytes, colon + 1, lineEnd);
                if (contentType == null && name.equalsIgnoreCase(CONTENT_TYPE)) {
                    contentType = value;
                } else {
                    pairs.add(name);
                    pairs.add(value);
                }
            }
            position = lineEnd + 2;
        }
        return of(statusLine, Headers.received(pairs.toArray(new String[0])), contentType);
    }

    /** The status of a header block: three digits behind the version, or 0. */
    static int status(byte[] bytes, int from, int to) {
        int code = 0;
        int begin = from + VERSION.length + 1;
        for (int i = begin; i < begin + 3; i++) {
            if (i >= to || bytes[i] < '0' || bytes[i] > '9') {
                return 0;
            }
            code = code * 10 + bytes[i] - '0';
        }
        return code;
    }

    private static HeaderBlock of(String statusLine, Headers headers, @Nullable String contentType) {
        if (statusLine.isEmpty()) {
            return new HeaderBlock(0, "", headers, contentType);
        }
        int space = statusLine.indexOf(' ');
        String code = space < 0 ? statusLine : statusLine.substring(0, space);
        if (code.length() != 3 || !code.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw unreadable();
        }
        return new HeaderBlock(
                Integer.parseInt(code),
                space < 0 ? "" : statusLine.substring(space + 1).trim(),
                headers,
                contentType);
    }

    private static int lineEnd(byte[] bytes, int from, int to) {
        for (int i = from; i < to - 1; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                return i;
            }
        }
        throw unreadable();
    }

    private static int colon(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == ':') {
                return i;
            }
        }
        throw unreadable();
    }

    private static String name(byte[] bytes, int from, int to) {
        if (Arrays.equals(bytes, from, to, BUDGET, 0, BUDGET.length)) {
            return ControlHeaders.BUDGET;
        }
        String name = text(bytes, from, to);
        if (name.isEmpty()) {
            throw unreadable();
        }
        return name;
    }

    /** Text without white space at the ends. */
    private static String text(byte[] bytes, int from, int to) {
        int first = from;
        int last = to;
        while (first < last && isSpace(bytes[first])) {
            first++;
        }
        while (last > first && isSpace(bytes[last - 1])) {
            last--;
        }
        return new String(bytes, first, last - first, UTF_8);
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\t';
    }

    private static AntiphonException unreadable() {
        return new AntiphonException(ErrorCode.DATA_LOSS, "a message has NATS headers that can not be read");
    }
}
