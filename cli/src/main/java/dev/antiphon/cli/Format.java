package dev.antiphon.cli;

import java.util.Locale;

/** Numbers for human eyes, the same in every locale. */
final class Format {

    private Format() {}

    /** {@code 240 us}, {@code 2.4 ms}, {@code 1.25 s}. */
    static String nanos(long nanos) {
        if (nanos < 1_000_000) {
            return of("%.0f us", nanos / 1e3);
        }
        return nanos < 1_000_000_000 ? of("%.1f ms", nanos / 1e6) : of("%.2f s", nanos / 1e9);
    }

    /** {@code 1,234,567}. */
    static String count(long count) {
        return of("%,d", count);
    }

    static double micros(long nanos) {
        return nanos / 1e3;
    }

    /** Text on one line: line ends and tabs are shown as escapes. */
    static String oneLine(String text) {
        return text.replace("\\", "\\\\")
                .replace("\n", "\\n")
                .replace("\r", "\\r")
                .replace("\t", "\\t");
    }

    static String of(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
