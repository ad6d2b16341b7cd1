package dev.antiphon.cli;

import dev.antiphon.AntiphonException;
import dev.antiphon.ConnectionState;
import dev.antiphon.DrainReport;
import dev.antiphon.Messenger;
import dev.antiphon.MessengerListener;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a process alive that waits for messages, until it has had enough, is told to stop by SIGINT or SIGTERM, or has
 * lost its connection for good. The first two end with a drain.
 */
final class Serving implements MessengerListener {

    private final CommonOptions common;
    private final Duration drainLimit;
    private final CompletableFuture<Optional<AntiphonException>> end = new CompletableFuture<>();

    /** Set and read by the hooks alone, which are called one at a time. */
    private volatile boolean reconnecting;

    Serving(CommonOptions common, Duration drainLimit) {
        this.common = common;
        this.drainLimit = drainLimit;
    }

    /** Had enough. */
    void enough() {
        end.complete(Optional.empty());
    }

    /**
     * Waits for the end, then drains.
     *
     * @return the exit code
     */
    int serve(Messenger messenger) {
        OnSignal signal = new OnSignal(() -> drainAndHalt(messenger));
        Optional<AntiphonException> lost = end.join();
        signal.forget();
        if (lost.isPresent()) {
            throw lost.get();
        }
        return drain(messenger);
    }

    /** A JVM that a signal ends has an exit code that says so; a drain that went well is a success. */
    private void drainAndHalt(Messenger messenger) {
        int exitCode = Verdict.ERROR_REPLY;
        try {
            exitCode = drain(messenger);
            common.terminal().out().flush();
            common.terminal().err().flush();
        } finally {
            Runtime.getRuntime().halt(exitCode);
        }
    }

    private int drain(Messenger messenger) {
        DrainReport report = messenger.drain(drainLimit).join();
        note(Format.of(
                "drained in %s: %,d finished, %,d abandoned",
                Format.nanos(report.elapsed().toNanos()), report.handled(), report.abandoned()));
        if (common.json()) {
            common.terminal().out().println(Json.line(toMap(report)));
        }
        return report.complete() ? Verdict.ANSWERED : Verdict.ERROR_REPLY;
    }

    private static Map<String, Object> toMap(DrainReport report) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "drain");
        map.put("handled", report.handled());
        map.put("abandoned", report.abandoned());
        map.put("seconds", report.elapsed().toNanos() / 1e9);
        return map;
    }

    @Override
    public void onConnectionState(ConnectionState state, @Nullable AntiphonException cause) {
        if (state == ConnectionState.CLOSED && cause != null) {
            end.complete(Optional.of(cause));
        } else if (state == ConnectionState.RECONNECTING) {
            reconnecting = true;
            note("connection lost, trying to restore it" + (cause == null ? "" : ": " + cause.getMessage()));
        } else if (state == ConnectionState.CONNECTED && reconnecting) {
            reconnecting = false;
            note("connected again");
        }
    }

    @Override
    public void onError(AntiphonException error) {
        note(error.getMessage());
    }

    @Override
    public void onSlowConsumer(String subject) {
        note("too slow for " + subject + ": messages are dropped or refused");
    }

    void note(String text) {
        common.terminal().err().println("antiphon: " + text);
    }
}
