package dev.antiphon.benchmarks.load;

/** Load that runs from its construction until it is told to stop. */
interface Loop {

    void enter(Phase next);

    /**
     * Waits until the last request ended, after {@link Phase#STOP}.
     *
     * @throws LoadFailure when a request failed or was not answered
     */
    Latencies finish() throws InterruptedException;
}
