package dev.antiphon.conformance;

import dev.antiphon.spi.Capabilities.Support;

/** How a rule ended. The text is what stands in reports and expectations. */
enum Outcome {
    PASS_NATIVE("PASS native"),
    PASS_EMULATED("PASS emulated"),
    PASS_ABSENT("PASS absent"),
    WAIVED("WAIVED"),
    FAIL("FAIL"),
    SKIPPED("SKIPPED"),
    NOT_RUN("NOT RUN"),
    OVERRIDDEN("OVERRIDDEN");

    private final String text;

    Outcome(String text) {
        this.text = text;
    }

    static Outcome passed(Support level) {
        return switch (level) {
            case NATIVE -> PASS_NATIVE;
            case EMULATED -> PASS_EMULATED;
            case NONE -> PASS_ABSENT;
        };
    }

    /** Whether the rule was kept from judging the transport: the class fails then. */
    boolean silent() {
        return this == SKIPPED || this == NOT_RUN || this == OVERRIDDEN;
    }

    @Override
    public String toString() {
        return text;
    }
}
