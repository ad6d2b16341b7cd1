package dev.antiphon.engine;

import dev.antiphon.Call;
import dev.antiphon.Message;
import dev.antiphon.MessengerStats;
import dev.antiphon.RequestHandler;
import dev.antiphon.RequestOptions;
import dev.antiphon.RespondOptions;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** A started messenger over a {@link ScriptedTransport}. Closed at the end of the test, if not before. */
final class Engine implements AutoCloseable {

    final EngineMessenger messenger;
    final ScriptedTransport transport;
    final RecordingListener listener;

    Engine(Setup setup, EngineMessenger messenger) {
        this.messenger = messenger;
        this.transport = setup.transport;
        this.listener = setup.recorder;
        messenger.start();
    }

    static Engine start() {
        return new Setup().start();
    }

    static Engine start(int maxInFlight) {
        Setup setup = new Setup();
        setup.maxInFlight = maxInFlight;
        return setup.start();
    }

    Call request() {
        return request(RequestOptions.DEFAULTS);
    }

    Call request(RequestOptions options) {
        return messenger.request("subject", Message.of("request"), options);
    }

    /** Responds to "work" and returns the transport's end of it. */
    ScriptedSubscription respond(RequestHandler handler, RespondOptions options) {
        messenger.respond("work", handler, options);
        return transport.lastSubscription();
    }

    ScriptedSubscription respond(RequestHandler handler) {
        return respond(handler, RespondOptions.DEFAULTS);
    }

    MessengerStats stats() {
        return messenger.stats();
    }

    /** Waits for what other threads do. */
    void until(Callable<Boolean> condition) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(condition);
    }

    @Override
    public void close() {
        messenger.close();
    }
}
