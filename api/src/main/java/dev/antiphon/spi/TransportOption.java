package dev.antiphon.spi;

import org.jspecify.annotations.Nullable;

/**
 * An option that a transport understands. Values are checked against the type before the transport is made.
 *
 * @param name in lower case with hyphens, such as {@code connect-timeout}
 * @param type what its value looks like
 * @param defaultValue the value when it is not set, or null for none
 * @param description one sentence for users
 */
public record TransportOption(
        String name, Type type, @Nullable String defaultValue, String description) {

    /** What a value looks like. */
    public enum Type {
        /** Any text. */
        TEXT,
        /** Text that is never shown: a password, a token, a key. */
        SECRET,
        /** A whole number, 0 or more. */
        NUMBER,
        /** {@code true} or {@code false}. */
        FLAG,
        /** A number with a unit: {@code 250ms}, {@code 2s}, {@code 5m}. */
        DURATION,
        /** The path of a file. */
        PATH
    }
}
