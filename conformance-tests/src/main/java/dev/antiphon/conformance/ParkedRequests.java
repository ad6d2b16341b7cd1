package dev.antiphon.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.AsyncRequestHandler;
import dev.antiphon.Message;
import dev.antiphon.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.awaitility.Awaitility;

/** A handler that keeps requests until a rule answers them: how a rule knows that a request is in flight. Any thread. */
final class ParkedRequests implements AsyncRequestHandler {
    private record Held(Request request, CompletableFuture<Message> reply) {}

    private final Timing timing;

    // Guarded by this.
    private final List<Held> held = new ArrayList<>();
    private int seen;

    ParkedRequests(Timing timing) {
        this.timing = timing;
    }

    @Override
    public synchronized CompletionStage<Message> handle(Request request) {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        held.add(new Held(request, reply));
        seen++;
        return reply;
    }

    /** How many requests came, the answered ones included. */
    synchronized int seen() {
        return seen;
    }

    /** Waits until so many have come in all. */
    void await(int atLeast) {
        Awaitility.await("requests at the responder")
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(timing.signal())
                .untilAsserted(() -> assertThat(seen()).isGreaterThanOrEqualTo(atLeast));
    }

    /** The texts of the requests that wait, in the order they came. */
    synchronized List<String> texts() {
        return held.stream().map(one -> one.request().text()).toList();
    }

    /** Answers the oldest one that waits. */
    void answerOne(String reply) {
        take(1).forEach(one -> one.reply().complete(Message.of(reply)));
    }

    /** Answers all that wait, each with its own text. */
    void echoAll() {
        take(Integer.MAX_VALUE)
                .forEach(one -> one.reply().complete(Message.of(one.request().text())));
    }

    private synchronized List<Held> take(int count) {
        List<Held> first = held.subList(0, Math.min(count, held.size()));
        List<Held> taken = List.copyOf(first);
        first.clear();
        return taken;
    }
}
