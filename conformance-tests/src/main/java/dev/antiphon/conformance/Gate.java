package dev.antiphon.conformance;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A door that holds handlers up until it is opened, at the latest when the rule ends. Any thread. */
final class Gate implements AutoCloseable {
    private final CountDownLatch door = new CountDownLatch(1);
    private final AtomicInteger arrived = new AtomicInteger();

    /** Waits until the door is open. */
    void pass() throws InterruptedException {
        arrived.incrementAndGet();
        door.await();
    }

    /** How many have come to the door, those that passed included. */
    int arrived() {
        return arrived.get();
    }

    /** Lets everybody through, now and later. */
    void open() {
        door.countDown();
    }

    @Override
    public void close() {
        open();
    }
}
