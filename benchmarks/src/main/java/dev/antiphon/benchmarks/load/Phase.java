package dev.antiphon.benchmarks.load;

/** What the slots of a loop are doing: all of them read it once per reply, one thread writes it three times. */
enum Phase {
    WARM_UP,
    MEASURE,
    STOP
}
