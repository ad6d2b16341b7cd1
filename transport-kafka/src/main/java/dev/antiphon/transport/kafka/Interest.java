package dev.antiphon.transport.kafka;

import org.jspecify.annotations.Nullable;

/**
 * What a subscription takes.
 *
 * @param group its queue group, or null
 */
record Interest(SubjectPattern pattern, @Nullable String group) {

    /** As {@link #toText} wrote it: neither subjects nor groups have spaces. */
    static Interest parse(String text) {
        int space = text.indexOf(' ');
        return space < 0
                ? new Interest(SubjectPattern.of(text), null)
                : new Interest(SubjectPattern.of(text.substring(0, space)), text.substring(space + 1));
    }

    String toText() {
        return group == null ? pattern.text() : pattern.text() + " " + group;
    }
}
