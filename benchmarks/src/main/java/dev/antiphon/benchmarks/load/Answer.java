package dev.antiphon.benchmarks.load;

/** Where a requester reports how one request ended: exactly one call per request, on any thread. */
public interface Answer {

    /** A reply came, with a body of this many bytes. */
    void replied(int bytes);

    /** The request failed. The slot sends no further request and the cell counts as failed. */
    void failed(Throwable cause);
}
