package dev.antiphon.conformance.broker;

/** The broker is there, but it was not started by these tests, so they cannot do that to it. */
public final class ControlUnavailableException extends BrokerException {
    private final String operation;
    private final String reason;

    ControlUnavailableException(String operation, String reason) {
        super("cannot " + operation + " the broker: " + reason);
        this.operation = operation;
        this.reason = reason;
    }

    /** What was asked for: {@code stop}, {@code pause}, ... */
    public String operation() {
        return operation;
    }

    /** Why it is not available, and what would make it so. */
    public String reason() {
        return reason;
    }
}
