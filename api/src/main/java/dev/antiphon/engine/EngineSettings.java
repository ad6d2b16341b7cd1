package dev.antiphon.engine;

import dev.antiphon.DisconnectPolicy;
import dev.antiphon.OverloadPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The engine's own settings, resolved.
 *
 * @param onDisconnect null for what the transport's reply addresses allow
 */
record EngineSettings(
        String name,
        Duration requestTimeout,
        int maxInFlight,
        OverloadPolicy onInFlightLimit,
        @Nullable DisconnectPolicy onDisconnect,
        Duration waitForBroker) {}
