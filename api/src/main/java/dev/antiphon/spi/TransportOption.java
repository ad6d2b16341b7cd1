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

    /** An option of {@link Type#TEXT}. */
    public static TransportOption text(String name, @Nullable String defaultValue, String description) {
        return new TransportOption(name, Type.TEXT, defaultValue, description);
    }

    /** An option of {@link Type#SECRET}, which has no default. */
    public static TransportOption secret(String name, String description) {
        return new TransportOption(name, Type.SECRET, null, description);
    }

    /** An option of {@link Type#NUMBER}. */
    public static TransportOption number(String name, @Nullable Long defaultValue, String description) {
        return new TransportOption(
                name, Type.NUMBER, defaultValue == null ? null : defaultValue.toString(), description);
    }

    /** An option of {@link Type#FLAG}. */
    public static TransportOption flag(String name, boolean defaultValue, String description) {
        return new TransportOption(name, Type.FLAG, Boolean.toString(defaultValue), description);
    }

    /** An option of {@link Type#DURATION}; the default is written as in a URL. */
    public static TransportOption duration(String name, @Nullable String defaultValue, String description) {
        return new TransportOption(name, Type.DURATION, defaultValue, description);
    }

    /** An option of {@link Type#PATH}, which has no default. */
    public static TransportOption path(String name, String description) {
        return new TransportOption(name, Type.PATH, null, description);
    }
}
