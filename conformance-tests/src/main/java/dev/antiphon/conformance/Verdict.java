package dev.antiphon.conformance;

/**
 * A rule's outcome with what the report says about it.
 *
 * @param reason why it failed or was waived; empty if it passed
 */
record Verdict(Outcome outcome, long millis, String reason) {
    static Verdict of(Outcome outcome) {
        return new Verdict(outcome, 0, "");
    }
}
