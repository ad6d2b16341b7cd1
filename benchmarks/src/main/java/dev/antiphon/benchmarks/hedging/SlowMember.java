package dev.antiphon.benchmarks.hedging;

import static java.util.concurrent.CompletableFuture.delayedExecutor;

import dev.antiphon.AsyncRequestHandler;
import dev.antiphon.Hedging;
import dev.antiphon.Message;
import dev.antiphon.Messenger;
import dev.antiphon.RaceOptions;
import dev.antiphon.RespondOptions;
import dev.antiphon.benchmarks.load.Cell;
import dev.antiphon.benchmarks.load.Measurement;
import dev.antiphon.benchmarks.load.Sample;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Three responders of one queue group, of which one is slow with each request, and a requester under closed-loop load. The
 * others may be larger machines: then they are in the group several times, and get so much more of the requests.
 */
public final class SlowMember implements AutoCloseable {

    private static final String SUBJECT = "hedged.work";
    private static final int BODY_BYTES = 128;

    private final List<Messenger> responders;
    private final Messenger requester;
    private final Measurement measurement;
    private final Duration slowBy;

    /**
     * What was measured.
     *
     * @param extraPercent copies that were sent beside the first ones, in percent of those
     */
    public record Figures(Sample sample, double extraPercent) {}

    /**
     * Connects all of them.
     *
     * @param weight how often each of the fast ones is in the group; the slow one is in it once
     * @param slowBy how much longer the slow one takes
     */
    public SlowMember(String url, int weight, Duration slowBy, int inFlight, Duration warmUp, Duration window) {
        this.slowBy = slowBy;
        AsyncRequestHandler fast = request -> CompletableFuture.completedStage(reply(request.message()));
        AsyncRequestHandler slow = request -> CompletableFuture.supplyAsync(
                () -> reply(request.message()), delayedExecutor(slowBy.toMillis(), TimeUnit.MILLISECONDS));
        responders = List.of(responder(url, fast, weight), responder(url, fast, weight), responder(url, slow, 1));
        requester = Messenger.connect(url);
        measurement = new Measurement(new Cell(inFlight, BODY_BYTES, false), warmUp, window);
    }

    private static Message reply(Message request) {
        return Message.wrap(request.sharedBytes());
    }

    private static Messenger responder(String url, AsyncRequestHandler handler, int times) {
        Messenger messenger = Messenger.connect(url);
        for (int i = 0; i < times; i++) {
            messenger.respondAsync(
                    SUBJECT, handler, RespondOptions.queueGroup("workers").withConcurrency(1024));
        }
        return messenger;
    }

    /** Plain requests. */
    public Figures plain() throws InterruptedException {
        return run(new CallingRequester(message -> requester.request(SUBJECT, message)));
    }

    /** When a copy is sent: well above what the others take, well below what the slow one does. */
    public Duration hedgingDelay() {
        return slowBy.dividedBy(5);
    }

    /** Races with a second copy after {@link #hedgingDelay}, within this budget. */
    public Figures hedged(double budgetPercent) throws InterruptedException {
        RaceOptions options =
                RaceOptions.DEFAULTS.withHedging(Hedging.after(hedgingDelay()).withBudget(budgetPercent));
        List<String> copies = List.of(SUBJECT, SUBJECT);
        return run(new CallingRequester(message -> requester.race(copies, message, options)));
    }

    private Figures run(CallingRequester calls) throws InterruptedException {
        long sentBefore = requester.stats().requestsSent();
        Sample sample = measurement.run(calls, () -> {});
        long sent = requester.stats().requestsSent() - sentBefore;
        return new Figures(sample, 100.0 * (sent - calls.made()) / calls.made());
    }

    @Override
    public void close() {
        requester.close();
        responders.forEach(Messenger::close);
    }
}
