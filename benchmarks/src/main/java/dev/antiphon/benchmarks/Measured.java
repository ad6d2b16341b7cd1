package dev.antiphon.benchmarks;

import dev.antiphon.benchmarks.load.Sample;
import java.time.Duration;

/**
 * One sample and what the other processes used meanwhile.
 *
 * @param sample from the requester's JVM
 * @param responderCpu of the responder's JVM, zero if it is the same
 * @param brokerCpu of the broker, zero if there is none or it is not ours
 */
record Measured(Sample sample, Duration responderCpu, Duration brokerCpu) {

    double rate() {
        return sample.rate();
    }

    /** Microseconds of processor time per request in the requester's JVM. */
    double requesterMicros() {
        return sample.cpuNanos() / 1e3 / sample.requests();
    }

    double responderMicros() {
        return responderCpu.toNanos() / 1e3 / sample.requests();
    }

    double brokerMicros() {
        return brokerCpu.toNanos() / 1e3 / sample.requests();
    }

    /** Bytes allocated per request in the requester's JVM. */
    double bytes() {
        return (double) sample.bytes() / sample.requests();
    }
}
