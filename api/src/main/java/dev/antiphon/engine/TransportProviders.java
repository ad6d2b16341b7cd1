package dev.antiphon.engine;

import dev.antiphon.spi.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The transports on the class path or module path. */
final class TransportProviders {

    /** Which artifact to add for a scheme that is not there. */
    private static final Map<String, String> ARTIFACTS = Map.of(
            "inmemory", "dev.antiphon:antiphon-transport-inmemory",
            "nats", "dev.antiphon:antiphon-transport-nats",
            "nats+tls", "dev.antiphon:antiphon-transport-nats",
            "amqp", "dev.antiphon:antiphon-transport-amqp",
            "amqps", "dev.antiphon:antiphon-transport-amqp",
            "kafka", "dev.antiphon:antiphon-transport-kafka",
            "kafka+ssl", "dev.antiphon:antiphon-transport-kafka");

    private TransportProviders() {}

    static List<TransportProvider> installed() {
        List<TransportProvider> providers = new ArrayList<>();
        ServiceLoader.load(TransportProvider.class).forEach(providers::add);
        return providers;
    }

    /** The provider that serves a scheme, or null and a problem. */
    static @Nullable TransportProvider forScheme(
            String scheme, List<TransportProvider> providers, List<String> problems) {
        List<TransportProvider> found = providers.stream()
                .filter(provider -> provider.schemes().contains(scheme))
                .toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        if (found.isEmpty()) {
            problems.add(unknown(scheme, providers));
        } else {
            problems.add("several transports serve the scheme " + scheme + ": "
                    + found.stream()
                            .map(provider -> provider.getClass().getName())
                            .toList() + "; keep one");
        }
        return null;
    }

    private static String unknown(String scheme, List<TransportProvider> providers) {
        List<String> known = providers.stream()
                .flatMap(provider -> provider.schemes().stream())
                .sorted()
                .toList();
        String artifact = ARTIFACTS.get(scheme);
        return "no transport serves the scheme \"" + scheme + "\"; present are "
                + (known.isEmpty() ? "none" : String.join(", ", known))
                + (artifact == null ? "" : "; add the dependency " + artifact);
    }
}
