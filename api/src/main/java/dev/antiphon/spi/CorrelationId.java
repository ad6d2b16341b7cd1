package dev.antiphon.spi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/**
 * A correlation id as text: 11 characters of {@code [0-9A-Za-z]}, the 64 bits in base 62; as a string, or without one, as bytes within
 * others.
 */
public final class CorrelationId {

    /** The length of the text. */
    public static final int LENGTH = 11;

    private static final int BASE = 62;
    private static final byte[] DIGITS =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".getBytes(ISO_8859_1);
    private static final byte[] VALUES = new byte[128];

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < BASE; i++) {
            VALUES[DIGITS[i]] = (byte) i;
        }
    }

    private CorrelationId() {}

    /** The text of an id. */
    public static String toText(long id) {
        byte[] text = new byte[LENGTH];
        write(id, text, 0);
        return new String(text, ISO_8859_1);
    }

    /** Writes the text of an id over the {@link #LENGTH} bytes that begin at {@code start}. */
    public static void write(long id, byte[] target, int start) {
        long rest = id;
        for (int i = start + LENGTH - 1; i >= start; i--) {
            long quotient = Long.divideUnsigned(rest, BASE);
            target[i] = DIGITS[(int) (rest - quotient * BASE)];
            rest = quotient;
        }
    }

    /** Whether the text from {@code start} to its end can be an id. */
    public static boolean isText(CharSequence text, int start) {
        if (text.length() - start != LENGTH) {
            return false;
        }
        for (int i = start; i < text.length(); i++) {
            if (value(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the bytes from {@code start} up to {@code end} can be an id. */
    public static boolean isText(byte[] text, int start, int end) {
        if (end - start != LENGTH) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (value(text[i]) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The id whose text begins at {@code start}; {@link #isText(CharSequence, int)} must be true. */
    public static long parse(CharSequence text, int start) {
        long id = 0;
        for (int i = start; i < start + LENGTH; i++) {
            id = id * BASE + value(text.charAt(i));
        }
        return id;
    }

    /** The id whose text begins at {@code start}; {@link #isText(byte[], int, int)} must be true. */
    public static long parse(byte[] text, int start) {
        long id = 0;
        for (int i = start; i < start + LENGTH; i++) {
            id = id * BASE + value(text[i]);
        }
        return id;
    }

    private static int value(int character) {
        return character < 0 || character >= VALUES.length ? -1 : VALUES[character];
    }
}
