package dev.antiphon.transport.kafka;

import java.util.List;

/** What a subscription is for: a subject, or a pattern with {@code *} for one token and {@code >} at the end for one or more. */
record SubjectPattern(String text, List<String> tokens, boolean isExact) {

    static SubjectPattern of(String text) {
        List<String> tokens = List.of(text.split("\\.", -1));
        return new SubjectPattern(
                text,
                tokens,
                !tokens.contains("*") && !tokens.get(tokens.size() - 1).equals(">"));
    }

    boolean matches(String subject) {
        if (isExact) {
            return text.equals(subject);
        }
        int at = 0;
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            if (at > subject.length()) {
                return false;
            }
            if (token.equals(">")) {
                return true;
            }
            int dot = subject.indexOf('.', at);
            int end = dot < 0 ? subject.length() : dot;
            if (!token.equals("*") && !(token.length() == end - at && subject.startsWith(token, at))) {
                return false;
            }
            at = end + 1;
        }
        return at > subject.length();
    }
}
