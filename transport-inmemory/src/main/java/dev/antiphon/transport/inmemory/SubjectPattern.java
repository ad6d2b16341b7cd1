package dev.antiphon.transport.inmemory;

/**
 * Patterns over subjects: {@code *} stands for exactly one token, {@code >} at the end for one or more; every other
 * character stands for itself.
 */
final class SubjectPattern {

    private SubjectPattern() {}

    /** Whether a subject has a token that is a wildcard. */
    static boolean isPattern(String subject) {
        int start = 0;
        while (start <= subject.length()) {
            int end = tokenEnd(subject, start);
            if (end - start == 1 && (subject.charAt(start) == '*' || isTail(subject, start))) {
                return true;
            }
            start = end + 1;
        }
        return false;
    }

    /** Whether a concrete subject matches a pattern. Allocates nothing. */
    static boolean matches(String pattern, String subject) {
        int p = 0;
        int s = 0;
        while (p <= pattern.length() && s <= subject.length()) {
            if (isTail(pattern, p)) {
                return true;
            }
            int pEnd = tokenEnd(pattern, p);
            int sEnd = tokenEnd(subject, s);
            if (!tokenMatches(pattern, p, pEnd, subject, s, sEnd)) {
                return false;
            }
            p = pEnd + 1;
            s = sEnd + 1;
        }
        return p > pattern.length() && s > subject.length();
    }

    private static boolean tokenMatches(String pattern, int p, int pEnd, String subject, int s, int sEnd) {
        if (pEnd - p == 1 && pattern.charAt(p) == '*') {
            return sEnd > s;
        }
        return pEnd - p == sEnd - s && pattern.regionMatches(p, subject, s, sEnd - s);
    }

    private static boolean isTail(String pattern, int start) {
        return start == pattern.length() - 1 && pattern.charAt(start) == '>';
    }

    private static int tokenEnd(String subject, int start) {
        int dot = subject.indexOf('.', start);
        return dot < 0 ? subject.length() : dot;
    }
}
