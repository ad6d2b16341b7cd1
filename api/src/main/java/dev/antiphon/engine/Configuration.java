package dev.antiphon.engine;

import dev.antiphon.ConfigurationException;
import dev.antiphon.DisconnectPolicy;
import dev.antiphon.MessengerOptions;
import dev.antiphon.OverloadPolicy;
import dev.antiphon.spi.Durations;
import dev.antiphon.spi.TransportConfig;
import dev.antiphon.spi.TransportOption;
import dev.antiphon.spi.TransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Options, URL and defaults made into settings. Every problem is found before anything is opened, and all are reported
 * together.
 */
final class Configuration {

    /** The options of the engine itself, understood with every transport. */
    static final List<TransportOption> ENGINE_OPTIONS = List.of(
            new TransportOption(
                    "request-timeout", TransportOption.Type.DURATION, "5s", "the timeout of requests that set none"),
            new TransportOption(
                    "max-in-flight",
                    TransportOption.Type.NUMBER,
                    Integer.toString(MessengerOptions.DEFAULT_MAX_IN_FLIGHT),
                    "how many requests may be in flight at once"),
            new TransportOption(
                    "on-in-flight-limit",
                    TransportOption.Type.TEXT,
                    "wait",
                    "what a request does at that limit: wait or reject"),
            new TransportOption(
                    "on-disconnect",
                    TransportOption.Type.TEXT,
                    null,
                    "what happens to requests when the connection is lost: fail, wait or resend"),
            new TransportOption(
                    "wait-for-broker",
                    TransportOption.Type.DURATION,
                    "0s",
                    "how long to go on trying when the broker is not up at the start"),
            new TransportOption(
                    "name", TransportOption.Type.TEXT, "antiphon", "the name of the connection in the broker's tools"));

    private final List<String> problems = new ArrayList<>();
    private final Map<String, String> values = new LinkedHashMap<>();

    /** What a messenger is made of. */
    record Resolved(TransportProvider provider, TransportConfig transport, EngineSettings settings) {}

    private Configuration() {}

    /**
     * Resolves.
     *
     * @throws ConfigurationException with every problem
     */
    static Resolved resolve(MessengerOptions options, List<TransportProvider> providers) {
        Configuration configuration = new Configuration();
        Resolved resolved = configuration.tryResolve(options, providers);
        if (resolved == null || !configuration.problems.isEmpty()) {
            throw new ConfigurationException(configuration.problems);
        }
        return resolved;
    }

    private @Nullable Resolved tryResolve(MessengerOptions options, List<TransportProvider> providers) {
        String found = options.url() != null ? options.url() : ConfigurationSources.url(providers, problems);
        MessengerUrl url = found == null ? null : MessengerUrl.parse(found, problems);
        if (url == null) {
            return null;
        }
        TransportProvider provider = TransportProviders.forScheme(url.scheme(), providers, problems);
        values.putAll(url.options());
        values.putAll(options.options());
        checkValues(provider);
        EngineSettings settings = settings(options);
        if (provider == null || !problems.isEmpty()) {
            return null;
        }
        TransportConfig config = new TransportConfig(
                url.scheme(),
                url.addresses(),
                url.path(),
                url.user(),
                url.password(),
                settings.name(),
                transportValues(provider));
        return new Resolved(provider, config, settings);
    }

    private Map<String, String> transportValues(TransportProvider provider) {
        Map<String, String> result = new LinkedHashMap<>();
        for (TransportOption option : provider.options()) {
            String value = values.getOrDefault(option.name(), option.defaultValue());
            if (value != null) {
                result.put(option.name(), value);
            }
        }
        return result;
    }

    /** Without a provider, the engine's own options are still checked. */
    private void checkValues(@Nullable TransportProvider provider) {
        Map<String, TransportOption> known = new LinkedHashMap<>();
        ENGINE_OPTIONS.forEach(option -> known.put(option.name(), option));
        if (provider != null) {
            provider.options().forEach(option -> known.put(option.name(), option));
        }
        values.forEach((name, value) -> {
            TransportOption option = known.get(name);
            if (option != null) {
                checkValue(option, value);
            } else if (provider != null) {
                problems.add("unknown option \"" + name + "\" for transport " + provider.name() + "; known are "
                        + String.join(", ", known.keySet()));
            }
        });
    }

    private void checkValue(TransportOption option, String value) {
        switch (option.type()) {
            case NUMBER -> {
                if (!value.matches("\\d{1,18}")) {
                    problems.add("option \"" + option.name() + "\" must be a whole number, not \"" + value + "\"");
                }
            }
            case FLAG -> {
                if (!value.equals("true") && !value.equals("false")) {
                    problems.add("option \"" + option.name() + "\" must be true or false, not \"" + value + "\"");
                }
            }
            case DURATION -> duration(option.name(), value);
            default -> {
                // any text will do
            }
        }
    }

    private @Nullable Duration duration(String name, String value) {
        try {
            return Durations.parse(value);
        } catch (IllegalArgumentException e) {
            problems.add("option \"" + name + "\" is " + e.getMessage());
            return null;
        }
    }

    // -- The engine's own settings: the program's, else the URL's, else the default --

    private EngineSettings settings(MessengerOptions options) {
        Duration timeout = pick(
                options.requestTimeout(), "request-timeout", Durations::parse, () -> MessengerOptions.DEFAULT_TIMEOUT);
        if (timeout.isZero() || timeout.compareTo(MessengerOptions.MAX_TIMEOUT) > 0) {
            problems.add("option \"request-timeout\" must be more than zero and at most 24h");
        }
        int maxInFlight = pick(
                options.maxInFlight(),
                "max-in-flight",
                text -> (int) Math.min(Integer.MAX_VALUE, Long.parseLong(text)),
                () -> MessengerOptions.DEFAULT_MAX_IN_FLIGHT);
        if (maxInFlight < 1 || maxInFlight > MessengerOptions.HIGHEST_MAX_IN_FLIGHT) {
            problems.add("option \"max-in-flight\" must be from 1 to " + MessengerOptions.HIGHEST_MAX_IN_FLIGHT);
        }
        return new EngineSettings(
                pick(options.name(), "name", text -> text, () -> "antiphon"),
                timeout,
                maxInFlight,
                pick(
                        options.onInFlightLimit(),
                        "on-in-flight-limit",
                        text -> constant(OverloadPolicy.class, "on-in-flight-limit", text, OverloadPolicy.WAIT),
                        () -> OverloadPolicy.WAIT),
                onDisconnect(options),
                pick(options.waitForBroker(), "wait-for-broker", Durations::parse, () -> Duration.ZERO));
    }

    private @Nullable DisconnectPolicy onDisconnect(MessengerOptions options) {
        String text = values.get("on-disconnect");
        if (options.onDisconnect() != null || text == null) {
            return options.onDisconnect();
        }
        return constant(DisconnectPolicy.class, "on-disconnect", text, DisconnectPolicy.FAIL);
    }

    private <T> T pick(@Nullable T given, String option, Function<String, T> parse, Supplier<T> otherwise) {
        if (given != null) {
            return given;
        }
        String text = values.get(option);
        try {
            return text == null ? otherwise.get() : parse.apply(text);
        } catch (IllegalArgumentException reportedByItsType) {
            return otherwise.get();
        }
    }

    private <E extends Enum<E>> E constant(Class<E> type, String option, String text, E otherwise) {
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT);
            if (name.equals(text)) {
                return constant;
            }
            names.add(name);
        }
        problems.add("option \"" + option + "\" must be one of " + String.join(", ", names) + ", not \"" + text + "\"");
        return otherwise;
    }
}
