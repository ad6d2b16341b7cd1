package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits what the server sends: messages of our subscriptions go to their inlets; everything else is handed on to the
 * native client unchanged, byte for byte. Used by the reader's thread only.
 *
 * <p>Our subscriptions are those whose id begins with {@link #MARK}; the native client numbers its own from 1. A message
 * that is complete in the buffer is delivered from there; one that is not gets an array of its own.
 */
final class FrameParser {

    /** How the subscription ids of ours begin. */
    static final char MARK = 'A';

    private static final int MAX_TOKENS = 6;

    /** Who is told. All calls are made by the thread that reads. */
    interface Sink {
        /** The inlet of a subscription, or null if it is gone. */
        @Nullable
        Inlet inlet(int number);

        /** The server answered a ping; false if it was one of ours, and nobody else is to hear of it. */
        boolean onPong();

        /** The server sent an error. The native client hears of it too. */
        void onError(String text);

        /** An inlet failed, which it never should. The reading goes on. */
        void onDefect(RuntimeException defect);
    }

    private final Sink sink;
    private final Frame frame = new Frame();
    private final int[] tokens = new int[2 * MAX_TOKENS];
    private final byte[] buffer;
    private int start;
    private int end;

    /** What the native client receives by the read that is going on. */
    private byte[] target = new byte[0];

    private int targetEnd;

    /** How many bytes of a payload that is not ours are still to be handed on, or dropped. */
    private int passing;

    private boolean dropping;
    private boolean passingLine;

    /** The payload of ours that is not complete yet. */
    private byte @Nullable [] payload;

    private int payloadFilled;
    private int payloadHeaders;
    private @Nullable Inlet payloadInlet;

    FrameParser(Sink sink, int capacity) {
        this.sink = sink;
        this.buffer = new byte[capacity];
    }

    /**
     * Reads from the server once and deals with what came.
     *
     * @return how many bytes for the native client are in {@code newTarget}, perhaps 0; -1 at the end of the stream
     */
    int read(InputStream in, byte[] newTarget, int offset, int length) throws IOException {
        if (length < buffer.length) {
            throw new IOException("a read of " + length + " bytes is smaller than the buffer of " + buffer.length);
        }
        int count = in.read(buffer, end, buffer.length - end);
        if (count < 0) {
            return count;
        }
        end += count;
        target = newTarget;
        targetEnd = offset;
        while (start < end && step()) {
            // goes on until the rest needs more bytes
        }
        compact();
        return targetEnd - offset;
    }

    private boolean step() throws IOException {
        if (passing > 0) {
            return pass();
        }
        if (payload != null) {
            return fill(payload);
        }
        int lineEnd = indexOfNewline();
        if (lineEnd < 0) {
            return false;
        }
        if (passingLine) {
            passingLine = false;
            handOn(lineEnd + 1);
        } else {
            line(lineEnd + 1);
        }
        return true;
    }

    private boolean pass() {
        int count = Math.min(passing, end - start);
        passing -= count;
        if (dropping) {
            start += count;
        } else {
            handOn(start + count);
        }
        return true;
    }

    private boolean fill(byte[] data) {
        int count = Math.min(data.length - payloadFilled, end - start);
        System.arraycopy(buffer, start, data, payloadFilled, count);
        start += count;
        payloadFilled += count;
        if (payloadFilled < data.length) {
            return false;
        }
        Inlet inlet = payloadInlet;
        payload = null;
        payloadInlet = null;
        skip(2);
        if (inlet != null) {
            frame.payload(data, payloadHeaders);
            deliver(inlet);
        }
        return true;
    }

    /** One control line, its end included. */
    private void line(int lineEnd) throws IOException {
        switch (buffer[start]) {
            case 'M' -> message(lineEnd, false);
            case 'H' -> message(lineEnd, true);
            case 'P' -> pingOrPong(lineEnd);
            case '-' -> {
                sink.onError(errorText(lineEnd));
                handOn(lineEnd);
            }
            default -> handOn(lineEnd);
        }
    }

    private void pingOrPong(int lineEnd) {
        if (buffer[start + 1] == 'I' || sink.onPong()) {
            handOn(lineEnd);
        } else {
            start = lineEnd;
        }
    }

    private String errorText(int lineEnd) {
        String text = new String(buffer, start, lineEnd - start, UTF_8).trim();
        return text.replaceFirst("(?i)^-ERR\\s*", "").replaceAll("^'|'$", "");
    }

    /** {@code MSG subject sid [reply] size} or {@code HMSG subject sid [reply] headerSize size}. */
    private void message(int lineEnd, boolean withHeaders) throws IOException {
        int count = tokenize(lineEnd);
        int sizes = withHeaders ? 2 : 1;
        if (count < 3 + sizes || count > 4 + sizes) {
            throw new IOException("malformed message frame from the server");
        }
        int total = number(count - 1);
        int headers = withHeaders ? number(count - 2) : 0;
        if (headers > total) {
            throw new IOException("malformed message frame from the server");
        }
        if (buffer[tokens[4]] != MARK) {
            handOn(lineEnd);
            dropping = false;
            passing = total + 2;
            return;
        }
        Inlet inlet = sink.inlet(parse(tokens[4] + 1, tokens[5]));
        if (inlet == null) {
            start = lineEnd;
            skip(total + 2);
        } else {
            boolean hasReply = count == 4 + sizes;
            receive(inlet, lineEnd, headers, total, hasReply);
        }
    }

    private void receive(Inlet inlet, int lineEnd, int headers, int total, boolean hasReply) {
        int replyFrom = hasReply ? tokens[6] : 0;
        int replyTo = hasReply ? tokens[7] : 0;
        if (end - lineEnd >= total + 2) {
            frame.control(buffer, tokens[2], tokens[3], replyFrom, replyTo);
            frame.payload(buffer, lineEnd, headers, total - headers);
            start = lineEnd + total + 2;
            deliver(inlet);
            return;
        }
        byte[] line = Arrays.copyOfRange(buffer, start, lineEnd);
        frame.control(line, tokens[2] - start, tokens[3] - start, replyFrom - start, replyTo - start);
        start = lineEnd;
        payload = new byte[total];
        payloadFilled = 0;
        payloadHeaders = headers;
        payloadInlet = inlet;
    }

    private void deliver(Inlet inlet) {
        try {
            inlet.receive(frame);
        } catch (RuntimeException defect) {
            sink.onDefect(defect);
        }
    }

    private void skip(int count) {
        dropping = true;
        passing = count;
    }

    private void handOn(int to) {
        System.arraycopy(buffer, start, target, targetEnd, to - start);
        targetEnd += to - start;
        start = to;
    }

    private int indexOfNewline() {
        for (int i = start; i < end; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Makes room for the rest of a line. A line longer than the buffer can only be one for the native client. */
    private void compact() {
        if (start == end) {
            start = 0;
            end = 0;
        } else if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        } else if (end == buffer.length) {
            handOn(end);
            end = 0;
            start = 0;
            passingLine = true;
        }
    }

    private int tokenize(int lineEnd) {
        int count = 0;
        int from = -1;
        for (int i = start; i < lineEnd; i++) {
            boolean space = buffer[i] <= ' ' && buffer[i] >= 0;
            if (!space && from < 0) {
                from = i;
            } else if (space && from >= 0) {
                if (count < MAX_TOKENS) {
                    tokens[2 * count] = from;
                    tokens[2 * count + 1] = i;
                }
                count++;
                from = -1;
            }
        }
        return count;
    }

    private int number(int token) throws IOException {
        return parse(tokens[2 * token], tokens[2 * token + 1]);
    }

    private int parse(int from, int to) throws IOException {
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = buffer[i] - '0';
            if (digit < 0 || digit > 9 || to - from > 9) {
                throw new IOException("malformed number in a frame from the server");
            }
            number = number * 10 + digit;
        }
        return number;
    }
}
