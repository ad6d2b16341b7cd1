package dev.antiphon.conformance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A responder of foreign make that answers nothing by itself: the rule takes the requests and replies when it likes. Any thread. */
final class HeldRequests {
    private final BlockingQueue<RawMessage> requests = new LinkedBlockingQueue<>();
    private final Duration limit;

    private HeldRequests(Duration limit) {
        this.limit = limit;
    }

    /** Serves a subject; when it returns, a request sent from now on arrives. */
    static HeldRequests at(RawClient client, String subject, Timing timing) {
        HeldRequests held = new HeldRequests(timing.signal());
        client.subscribe(subject, null, held.requests::add);
        return held;
    }

    /** The next request; waits for it. */
    RawMessage next() {
        try {
            RawMessage request = requests.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (request == null) {
                throw new AssertionError("no request arrived within " + limit);
            }
            return request;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for a request", e);
        }
    }

    /** The request with this body; waits for it. Requests have no order, so others may come before it, and are there afterwards. */
    RawMessage next(String body) {
        List<RawMessage> others = new ArrayList<>();
        RawMessage request = next();
        while (!request.message().text().equals(body)) {
            others.add(request);
            request = next();
        }
        requests.addAll(others);
        return request;
    }

    /** The next requests, in the order they arrived; waits for all of them. */
    List<RawMessage> next(int count) {
        return Stream.generate(this::next).limit(count).toList();
    }

    /** How many have arrived and were not taken. */
    int waiting() {
        return requests.size();
    }
}
