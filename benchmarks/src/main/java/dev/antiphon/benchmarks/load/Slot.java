package dev.antiphon.benchmarks.load;

/**
 * One request in flight after another: the callback of one sends the next, on whatever thread the peer completes it.
 *
 * <p>Its fields need no lock. They are written before a request is sent and read after its reply came, and no peer
 * could deliver a body across threads without ordering the two. Sending from a callback could nest without end only if
 * replies arrived before the send returns every time; they cross a thread, so nesting stays a rare single step.
 */
final class Slot implements Answer {

    private final ClosedLoop loop;
    private final Latencies.Collector latencies;
    private final int size;
    private final Runnable sender;
    private long sentAt;

    Slot(ClosedLoop loop, Latencies.Collector latencies, Requester requester, byte[] body) {
        this.loop = loop;
        this.latencies = latencies;
        this.size = body.length;
        this.sender = requester.sender(body, this);
    }

    void begin() {
        send(System.nanoTime());
    }

    private void send(long now) {
        sentAt = now;
        try {
            sender.run();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void replied(int bytes) {
        long now = System.nanoTime();
        if (bytes != size) {
            failed(new IllegalStateException("a reply of " + bytes + " bytes instead of " + size));
            return;
        }
        Phase phase = loop.phase();
        if (phase == Phase.MEASURE) {
            latencies.add(now - sentAt);
        }
        if (phase == Phase.STOP) {
            end();
        } else {
            // One clock reading ends this request and starts the next: it costs more than the step between them.
            send(now);
        }
    }

    @Override
    public void failed(Throwable cause) {
        loop.failed(cause);
        end();
    }

    private void end() {
        latencies.handOver();
        loop.ended();
    }
}
