package dev.antiphon.transport.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.function.UnaryOperator;

/**
 * Subjects as routing keys, patterns as binding keys.
 *
 * <p>{@code *} means the same on both sides. {@code >} is one token or more, AMQP's {@code #} is any number: so {@code >}
 * becomes {@code *.#}, which the broker matches exactly, and nothing that does not match ever reaches us.
 *
 * <p>A token that is just {@code #} would be a wildcard in a binding key. It is written {@code %23} there and in routing keys,
 * and a token {@code %23} gets one more {@code 25} behind its percent sign, so that the way back is unique.
 */
final class RoutingKeys {

    /** The protocol's limit for routing keys, and for every other short string. */
    static final int MAX_BYTES = 255;

    private static final String ESCAPED = "%23";

    private RoutingKeys() {}

    /** The routing key of a subject. */
    static String ofSubject(String subject) {
        return needsEscape(subject) ? eachToken(subject, RoutingKeys::escape) : subject;
    }

    /** The binding key of a pattern or subject. */
    static String ofPattern(String pattern) {
        String key = ofSubject(pattern);
        return key.endsWith(">") && (key.length() == 1 || key.charAt(key.length() - 2) == '.')
                ? key.substring(0, key.length() - 1) + "*.#"
                : key;
    }

    /** The subject of a routing key. */
    static String toSubject(String routingKey) {
        return routingKey.indexOf('%') >= 0 ? eachToken(routingKey, RoutingKeys::unescape) : routingKey;
    }

    /** How long a text is in the protocol. */
    static int length(String text) {
        return text.length() * 3 <= MAX_BYTES ? text.length() : text.getBytes(UTF_8).length;
    }

    private static boolean needsEscape(String subject) {
        return subject.indexOf('#') >= 0 || subject.indexOf('%') >= 0;
    }

    private static String eachToken(String subject, UnaryOperator<String> change) {
        String[] tokens = subject.split("\\.", -1);
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = change.apply(tokens[i]);
        }
        return String.join(".", tokens);
    }

    private static String escape(String token) {
        return token.equals("#") ? ESCAPED : isEscaped(token) ? "%25" + token.substring(1) : token;
    }

    private static String unescape(String token) {
        return token.equals(ESCAPED) ? "#" : isEscaped(token) ? "%" + token.substring(3) : token;
    }

    /** Whether a token is {@code %23}, {@code %2523}, {@code %252523} and so on. */
    private static boolean isEscaped(String token) {
        return token.startsWith("%")
                && token.endsWith("23")
                && token.substring(1).matches("(25)*23");
    }
}
