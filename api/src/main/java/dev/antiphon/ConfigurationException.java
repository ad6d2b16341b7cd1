package dev.antiphon;

import java.util.List;

/**
 * The configuration of a messenger is wrong. Every problem found is listed, and nothing was opened: configuration is
 * checked before any I/O.
 */
public final class ConfigurationException extends AntiphonException {

    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    /** One or more problems, each a sentence that says what is wrong and what to do. */
    public ConfigurationException(List<String> problems) {
        super(ErrorCode.INVALID_ARGUMENT, String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** The problems, in the order they were found. */
    public List<String> problems() {
        return problems;
    }
}
