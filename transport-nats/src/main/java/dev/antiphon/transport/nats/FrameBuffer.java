package dev.antiphon.transport.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Bytes to send, in an array that grows. Not thread-safe. */
final class FrameBuffer {

    private byte[] bytes;
    private int length;

    FrameBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    /** The array; only the first {@link #length()} bytes count. */
    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** Forgets everything behind this length. */
    void truncate(int newLength) {
        length = newLength;
    }

    /** Forgets everything, and gives back an array that is larger than {@code keep}. */
    void clear(int keep) {
        length = 0;
        if (bytes.length > keep) {
            bytes = new byte[keep];
        }
    }

    FrameBuffer put(byte[] source) {
        return put(source, source.length);
    }

    FrameBuffer put(byte[] source, int count) {
        ensure(count);
        System.arraycopy(source, 0, bytes, length, count);
        length += count;
        return this;
    }

    FrameBuffer put(char ascii) {
        ensure(1);
        bytes[length++] = (byte) ascii;
        return this;
    }

    FrameBuffer crlf() {
        return put('\r').put('\n');
    }

    /** Text in UTF-8. Control characters, which would break the frame, become spaces. */
    FrameBuffer put(String text) {
        int count = text.length();
        ensure(count);
        int start = length;
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c >= 0x7f) {
                length = start;
                return putEncoded(text);
            }
            bytes[length++] = c < ' ' ? (byte) ' ' : (byte) c;
        }
        return this;
    }

    private FrameBuffer putEncoded(String text) {
        int start = length;
        put(text.getBytes(UTF_8));
        for (int i = start; i < length; i++) {
            if ((bytes[i] >= 0 && bytes[i] < ' ') || bytes[i] == 0x7f) {
                bytes[i] = ' ';
            }
        }
        return this;
    }

    /** A number, 0 or more, in decimal digits. */
    FrameBuffer put(int number) {
        int digits = 1;
        for (int rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        ensure(digits);
        int rest = number;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    private void ensure(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(length + count, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * length)));
        }
    }
}
