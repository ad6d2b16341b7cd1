package dev.antiphon.benchmarks.load;

/**
 * One way to send requests. The loops drive every peer through this and nothing else. It lives as long as its JVM, so
 * there is nothing to close.
 */
public interface Requester {

    /**
     * Prepares one slot. Each run of the result sends one request with this body and reports it to {@code answer}.
     * Whatever can be made once per slot, such as the callback, is made here, so that it does not count as the peer's
     * cost.
     */
    Runnable sender(byte[] body, Answer answer);

    /**
     * Sends one request and waits for its reply on the calling thread.
     *
     * @return the length of the reply's body in bytes
     * @throws Exception when the request fails
     */
    int call(byte[] body) throws Exception;

    /** Runs the task that sends the first request of each slot where this peer would normally send from. */
    default void begin(Runnable firstRequests) {
        firstRequests.run();
    }
}
