package dev.antiphon.benchmarks;

/** A peer could not be measured: a request failed, a process ended or hung. */
final class PeerFailure extends Exception {

    private static final long serialVersionUID = 1L;

    PeerFailure(String message) {
        super(message);
    }
}
