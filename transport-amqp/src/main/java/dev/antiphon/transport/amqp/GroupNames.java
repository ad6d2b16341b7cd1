package dev.antiphon.transport.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The name of the queue that the members of a group share: {@code group:<exchange>:<group>:<pattern>}. It follows from
 * those three, and two different groups never have the same one.
 */
final class GroupNames {

    /** How much of a name that is too long stays readable. */
    private static final int READABLE = 200;

    private GroupNames() {}

    static String queue(String exchange, String group, String pattern) {
        String name = "group:" + escape(exchange) + ":" + escape(group) + ":" + pattern;
        return RoutingKeys.length(name) <= RoutingKeys.MAX_BYTES ? name : shorten(name);
    }

    /** The colon separates. */
    private static String escape(String part) {
        return part.replace("%", "%25").replace(":", "%3A");
    }

    private static String shorten(String name) {
        int end = Math.min(READABLE, name.length());
        while (name.substring(0, end).getBytes(UTF_8).length > READABLE) {
            end--;
        }
        return name.substring(0, end) + "~" + digest(name);
    }

    private static String digest(String name) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name.getBytes(UTF_8));
            return new BigInteger(1, hash).toString(36);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
