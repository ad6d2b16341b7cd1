package dev.antiphon.transport.inmemory;

import dev.antiphon.AntiphonException;
import dev.antiphon.ErrorCode;
import dev.antiphon.spi.InboundHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A queue and the thread that serves it, for a handler that runs user code: one delivery after the other, in order, never
 * on the publisher's thread. The queue is bounded; what finds it full is dropped and reported, as a broker does with a
 * slow consumer.
 */
final class SerialDeliveries {

    /** How many deliveries wait at most. */
    static final int CAPACITY = 65_536;

    private final String subject;
    private final InboundHandler handler;
    private final Events events;
    private final ConcurrentLinkedQueue<InMemoryDelivery> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean stopping;
    private volatile boolean abandoned;
    private volatile boolean slow;

    SerialDeliveries(String threadName, String subject, InboundHandler handler, Events events) {
        this.subject = subject;
        this.handler = handler;
        this.events = events;
        thread = new Thread(this::serve, threadName);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void add(InMemoryDelivery delivery) {
        if (size.incrementAndGet() > CAPACITY) {
            size.decrementAndGet();
            reportSlow();
            return;
        }
        queue.add(delivery);
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    /** Ends when everything added before has been handled. Nothing may be added afterwards. */
    CompletableFuture<Void> stop() {
        stopping = true;
        LockSupport.unpark(thread);
        return ended;
    }

    /** Drops what waits, and waits for the running handler unless it is the handler that calls. */
    void abandon(Duration limit) {
        abandoned = true;
        CompletableFuture<Void> end = stop();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            end.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException late) {
            // the handler goes on; its thread ends when it returns
        }
    }

    private void serve() {
        try {
            InMemoryDelivery delivery;
            while ((delivery = next()) != null) {
                handle(delivery);
            }
        } finally {
            ended.complete(null);
        }
    }

    private void handle(InMemoryDelivery delivery) {
        try {
            handler.onMessage(delivery);
        } catch (RuntimeException defect) {
            events.error(new AntiphonException(ErrorCode.INTERNAL, "the handler of " + subject + " threw", defect));
        }
    }

    private @Nullable InMemoryDelivery next() {
        while (!abandoned) {
            boolean last = stopping; // read before the queue: what was added before the stop is seen
            InMemoryDelivery delivery = queue.poll();
            if (delivery != null) {
                if (size.decrementAndGet() < CAPACITY / 2) {
                    slow = false;
                }
                return delivery;
            }
            if (last) {
                return null;
            }
            park();
        }
        return null;
    }

    private void park() {
        parked = true;
        if (queue.isEmpty() && !stopping) { // checked after the flag is up, or an addition in between would be missed
            LockSupport.park(this);
        }
        parked = false;
    }

    private void reportSlow() {
        if (!slow) {
            slow = true;
            events.slowConsumer(subject);
        }
    }
}
