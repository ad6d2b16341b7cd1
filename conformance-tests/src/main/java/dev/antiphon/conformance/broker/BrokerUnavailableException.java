package dev.antiphon.conformance.broker;

import java.util.List;

/** There is no broker of that kind to test with. The message lists each place where one was looked for, and what would help. */
public final class BrokerUnavailableException extends BrokerException {
    private final List<String> tried;

    BrokerUnavailableException(String broker, List<String> tried, List<String> remedies) {
        super("No " + broker + " broker to test with. Tried:" + lines(tried) + "\nAny of these helps:"
                + lines(remedies));
        this.tried = List.copyOf(tried);
    }

    /** Where one was looked for, and why it was not there; in that order. */
    public List<String> tried() {
        return tried;
    }

    private static String lines(List<String> items) {
        return "\n  - " + String.join("\n  - ", items);
    }
}
