package dev.antiphon.spi;

/** A correlation id as text: 11 characters of {@code [0-9A-Za-z]}, the 64 bits in base 62. */
public final class CorrelationId {

    /** The length of the text. */
    public static final int LENGTH = 11;

    private static final char[] DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".toCharArray();

    private CorrelationId() {}

    /** The text of an id. */
    public static String toText(long id) {
        char[] text = new char[LENGTH];
        long rest = id;
        for (int i = LENGTH - 1; i >= 0; i--) {
            text[i] = DIGITS[(int) Long.remainderUnsigned(rest, 62)];
            rest = Long.divideUnsigned(rest, 62);
        }
        return new String(text);
    }

    /** Whether the text from {@code start} to its end can be an id. */
    public static boolean isText(CharSequence text, int start) {
        if (text.length() - start != LENGTH) {
            return false;
        }
        for (int i = start; i < text.length(); i++) {
            if (digit(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The id whose text begins at {@code start}; {@link #isText} must be true. */
    public static long parse(CharSequence text, int start) {
        long id = 0;
        for (int i = start; i < start + LENGTH; i++) {
            id = id * 62 + digit(text.charAt(i));
        }
        return id;
    }

    private static int digit(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        if (c >= 'A' && c <= 'Z') {
            return c - 'A' + 10;
        }
        return c >= 'a' && c <= 'z' ? c - 'a' + 36 : -1;
    }
}
