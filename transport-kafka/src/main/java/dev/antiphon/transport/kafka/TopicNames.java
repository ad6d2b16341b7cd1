package dev.antiphon.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Subjects as names of topics. A subject of letters, digits, dots, hyphens and underscores is the name. Any other character is written
 * {@code _x}, its code in hexadecimal, {@code _}; in a subject that has such a thing itself, its underscores are written so, too. What is
 * too long then is cut and ends with a hash of the subject; the subject itself travels in a header.
 */
final class TopicNames {

    /** What Kafka allows. */
    static final int MAX_LENGTH = 249;

    private static final String ESCAPE = "_x";
    private static final Pattern ESCAPED = Pattern.compile("_x[0-9a-f]{2,4}_");
    private static final String HASH = "_h";
    private static final int HASH_LENGTH = 22;
    private static final int CUT = MAX_LENGTH - HASH.length() - HASH_LENGTH - 1;

    private TopicNames() {}

    /** The topic of a subject. */
    static String topicOf(String subject) {
        if (isPlain(subject)) {
            return subject;
        }
        StringBuilder name = new StringBuilder(subject.length() + 32);
        for (int i = 0; i < subject.length(); i++) {
            char c = subject.charAt(i);
            if (isLegal(c) && !(c == '_' && subject.startsWith(ESCAPE, i))) {
                name.append(c);
            } else {
                name.append(ESCAPE).append(Integer.toHexString(c)).append('_');
            }
        }
        return name.length() <= MAX_LENGTH ? name.toString() : name.substring(0, CUT) + HASH + hash(subject) + "_";
    }

    private static boolean isPlain(String subject) {
        return isLegal(subject)
                && !(subject.contains(ESCAPE) && ESCAPED.matcher(subject).find());
    }

    /** Whether Kafka takes it for a name. */
    static boolean isLegal(String topic) {
        for (int i = 0; i < topic.length(); i++) {
            if (!isLegal(topic.charAt(i))) {
                return false;
            }
        }
        return !topic.isEmpty() && topic.length() <= MAX_LENGTH && !topic.equals(".") && !topic.equals("..");
    }

    private static boolean isLegal(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }

    /** Whether the name alone does not tell the subject. */
    static boolean isCut(String topic) {
        return topic.length() == MAX_LENGTH && topic.startsWith(HASH, CUT) && topic.endsWith("_");
    }

    /** The subject of a topic; null if the name does not tell it, or no subject can have it. */
    static @Nullable String subjectOf(String topic) {
        if (isCut(topic)) {
            return null;
        }
        String subject = topic.contains(ESCAPE) ? decode(topic) : topic;
        boolean emptyToken = subject.startsWith(".") || subject.endsWith(".") || subject.contains("..");
        return emptyToken || subject.isEmpty() ? null : subject;
    }

    private static String decode(String topic) {
        StringBuilder subject = new StringBuilder(topic.length());
        int i = 0;
        while (i < topic.length()) {
            int end = topic.startsWith(ESCAPE, i) ? topic.indexOf('_', i + 2) : -1;
            int code = end < 0 ? -1 : hexadecimal(topic.substring(i + 2, end));
            if (code < 0) {
                subject.append(topic.charAt(i));
                i++;
            } else {
                subject.append((char) code);
                i = end + 1;
            }
        }
        return subject.toString();
    }

    private static int hexadecimal(String digits) {
        return digits.matches("[0-9a-f]{2,4}") ? Integer.parseInt(digits, 16) : -1;
    }

    private static String hash(String subject) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(subject.getBytes(UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 16));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
