package dev.antiphon.engine;

import dev.antiphon.DisconnectPolicy;
import dev.antiphon.MessengerListener;
import dev.antiphon.MessengerOptions;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.RequestInterceptor;
import dev.antiphon.ResponderInterceptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What a test wants of an {@link Engine}: set the fields that matter, then {@link #start}. */
final class Setup {

    final ScriptedTransport transport = new ScriptedTransport();
    final RecordingListener recorder = new RecordingListener();

    LongSupplier clock = System::nanoTime;
    Duration requestTimeout = Duration.ofSeconds(30);
    int maxInFlight = 1024;
    OverloadPolicy onInFlightLimit = OverloadPolicy.WAIT;
    MessengerListener listener = recorder;

    @Nullable
    DisconnectPolicy onDisconnect;

    @Nullable
    Executor handlerExecutor;

    @Nullable
    Executor completionExecutor;

    boolean completeOnTransportThread;
    final List<RequestInterceptor> requestInterceptors = new ArrayList<>();
    final List<ResponderInterceptor> responderInterceptors = new ArrayList<>();

    /** Starts an engine over the scripted transport. */
    Engine start() {
        EngineSettings settings =
                new EngineSettings("test", requestTimeout, maxInFlight, onInFlightLimit, onDisconnect, Duration.ZERO);
        return new Engine(this, new EngineMessenger(transport, options(), settings, clock));
    }

    private MessengerOptions options() {
        return new MessengerOptions(
                null,
                Map.of(),
                null,
                null,
                null,
                null,
                null,
                null,
                handlerExecutor,
                completionExecutor,
                completeOnTransportThread,
                listener,
                requestInterceptors,
                responderInterceptors);
    }
}
