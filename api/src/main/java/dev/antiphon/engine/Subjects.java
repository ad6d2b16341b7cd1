package dev.antiphon.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;

/**
 * The rules for subjects, the same for every transport: tokens separated by single dots; no white space, no control
 * characters; {@code *} and {@code >} only as whole tokens of a pattern, {@code >} only as its last.
 */
final class Subjects {

    private final int maxBytes;
    /** The last subject that was found good; it begins with one that is. Programs use few, mostly as the same object. */
    private String lastGood = "good";

    Subjects(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Checks where a message goes. */
    @SuppressWarnings("ReferenceEquality") // on purpose: the same object needs no second look
    String checkConcrete(String subject) {
        // A race on lastGood is harmless: strings are immutable and every value it ever has is good.
        if (subject != lastGood) {
            check("subject", subject, false);
            lastGood = subject;
        }
        return subject;
    }

    /** Checks what a subscription is for. */
    String checkPattern(String subject) {
        check("subject", subject, true);
        return subject;
    }

    /** Checks the name of a queue group. */
    void checkGroup(String group) {
        check("queue group", group, false);
    }

    /** Whether a checked subject has a wildcard. */
    static boolean isPattern(String subject) {
        return subject.indexOf('*') >= 0 || subject.endsWith(">");
    }

    private void check(String what, String subject, boolean wildcards) {
        int length = subject.length();
        if (length == 0) {
            throw invalid(what, subject, "it is empty");
        }
        int start = 0;
        for (int i = 0; i <= length; i++) {
            if (i == length || subject.charAt(i) == '.') {
                checkToken(what, subject, start, i, wildcards);
                start = i + 1;
            } else if (!isAllowed(subject.charAt(i))) {
                throw invalid(what, subject, "the character at index " + i + " is not allowed");
            }
        }
        if (length * 3L > maxBytes && subject.getBytes(UTF_8).length > maxBytes) {
            throw invalid(what, subject, "it is longer than the " + maxBytes + " bytes this transport allows");
        }
    }

    private static boolean isAllowed(char c) {
        if (c < 0x7f) {
            return c > ' ';
        }
        return !Character.isISOControl(c)
                && !Character.isSpaceChar(c)
                && !Character.isWhitespace(c)
                && !Character.isSurrogate(c);
    }

    private static void checkToken(String what, String subject, int start, int end, boolean wildcards) {
        if (start == end) {
            throw invalid(what, subject, "it has an empty token at index " + start);
        }
        for (int i = start; i < end; i++) {
            char c = subject.charAt(i);
            if (c != '*' && c != '>') {
                continue;
            }
            if (!wildcards) {
                throw invalid(what, subject, "wildcards are not allowed here");
            }
            if (end - start != 1) {
                throw invalid(what, subject, "a wildcard must be a whole token");
            }
            if (c == '>' && end != subject.length()) {
                throw invalid(what, subject, "'>' is allowed only as the last token");
            }
        }
    }

    private static AntiphonException invalid(String what, String subject, String why) {
        String shown = subject.length() > 80 ? subject.substring(0, 80) + "..." : subject;
        return new AntiphonException(
                ErrorCode.INVALID_ARGUMENT, "bad " + what + " \"" + shown.replaceAll("\\p{Cntrl}", "?") + "\": " + why);
    }
}
