package dev.antiphon.benchmarks.worker;

/** The lines between the command and its JVMs. The end of the input ends the JVM, so none outlives the command. */
public final class Protocol {

    /** From the child: it serves, or takes commands. */
    public static final String READY = "ready";

    /** From the requester: the measured window opens, and later closes. */
    public static final String EDGE = "edge";

    /** From the requester, followed by a {@link dev.antiphon.benchmarks.load.Sample}. */
    public static final String SAMPLE = "sample ";

    /** From either, followed by the reason in one line; the child ends after it. */
    public static final String FAILED = "failed ";

    private Protocol() {}
}
