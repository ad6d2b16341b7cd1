package dev.antiphon.engine;

import dev.antiphon.ConnectionState;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.Message;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestInterceptor;
import dev.antiphon.RequestOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A {@link Requester} alone: with a scripted reply channel, a manual clock, and nobody who ticks but the test. */
final class RequesterFixture {

    static final Duration TIMEOUT = Duration.ofSeconds(1);

    final ManualClock clock = new ManualClock();
    final ScriptedTransport transport = new ScriptedTransport();
    final RecordingListener listener = new RecordingListener();
    final Counters counters = new Counters();
    final CountingExecutor completions = new CountingExecutor();
    final Requester requester;

    RequesterFixture() {
        this(16, OverloadPolicy.WAIT);
    }

    RequesterFixture(int maxInFlight, OverloadPolicy onInFlightLimit) {
        this(new EngineSettings("test", TIMEOUT, maxInFlight, onInFlightLimit, null, Duration.ZERO), null);
    }

    /**
     * @param completionExecutor null for the counting one
     */
    RequesterFixture(EngineSettings settings, @Nullable Executor completionExecutor) {
        Hooks hooks = new Hooks(listener, Runnable::run);
        requester = new Requester(
                settings,
                clock,
                counters,
                hooks,
                completionExecutor == null ? completions : completionExecutor,
                new CorrelationSequence(new SecureRandom()));
        Connection connection = new Connection(hooks, requester, () -> {}, cause -> {});
        transport.start(connection);
        requester.open(
                transport
                        .openReplyChannel("token", requester)
                        .toCompletableFuture()
                        .join(),
                connection::epoch,
                () -> {},
                DisconnectPolicy.FAIL);
    }

    /** What is made of requests, with these interceptors around them. */
    Operations operations(RequestInterceptor... interceptors) {
        return new Operations(
                requester,
                limit -> CompletableFuture.completedFuture(null),
                new Interceptors(List.of(interceptors), outgoing -> {}, requester));
    }

    PendingCall request() {
        return request(RequestOptions.DEFAULTS);
    }

    PendingCall request(RequestOptions options) {
        return requester.request("subject", Message.of("request"), options);
    }

    /** The latest request that was sent and not yet asked for. */
    SentRequest sent() {
        return transport.nextRequest();
    }

    /** Lets time pass, and the requester see it. */
    void advance(Duration by) {
        requester.tick(clock.advance(by));
    }

    void state(ConnectionState state) {
        transport.state(state);
    }

    /** Table entries, timers and permits, as one text. */
    String holds() {
        return requester.tableEntries() + " entries, " + requester.timersArmed() + " timers, " + requester.inFlight()
                + " permits";
    }
}
