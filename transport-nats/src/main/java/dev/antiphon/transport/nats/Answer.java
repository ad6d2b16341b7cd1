package dev.antiphon.transport.nats;

/** Waits for the server's answer to a ping. */
@FunctionalInterface
interface Answer {

    /**
     * Called once: when the server has dealt with everything sent before the ping, and what it sent before the answer was
     * received; or when the connection was lost before. On the thread that reads, or that noticed the loss: does not
     * block.
     */
    void pong(boolean arrived);
}
