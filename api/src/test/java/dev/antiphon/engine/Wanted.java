package dev.antiphon.engine;

import dev.antiphon.DisconnectPolicy;
import dev.antiphon.MessengerListener;
import dev.antiphon.MessengerOptions;
import dev.antiphon.OverloadPolicy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a program asks of the builder, as far as the configuration is concerned. */
final class Wanted {

    private final @Nullable String url;
    private final Map<String, String> options = new LinkedHashMap<>();

    @Nullable
    String name;

    @Nullable
    Duration requestTimeout;

    @Nullable
    Integer maxInFlight;

    @Nullable
    OverloadPolicy onInFlightLimit;

    @Nullable
    DisconnectPolicy onDisconnect;

    @Nullable
    Duration waitForBroker;

    Wanted(@Nullable String url) {
        this.url = url;
    }

    Wanted option(String option, String value) {
        options.put(option, value);
        return this;
    }

    MessengerOptions options() {
        return new MessengerOptions(
                url,
                options,
                name,
                requestTimeout,
                maxInFlight,
                onInFlightLimit,
                onDisconnect,
                waitForBroker,
                null,
                null,
                false,
                new MessengerListener() {},
                List.of(),
                List.of());
    }

    Configuration.Resolved resolve() {
        return Configuration.resolve(options(), List.of(new ScriptedProvider()));
    }
}
