package dev.antiphon.engine;

import dev.antiphon.spi.TransportProvider;
import java.util.LinkedHashMap;
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

    /**
     * Those that come with this library, and those of the thread's context class loader, where containers keep the
     * application's. A context with another copy of the library has nothing for this one.
     */
    static List<TransportProvider> installed() {
        Map<Class<?>, TransportProvider> providers = new LinkedHashMap<>();
        add(TransportProvider.class.getClassLoader(), providers);
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        if (context != null && knows(context)) {
            add(context, providers);
        }
        return List.copyOf(providers.values());
    }

    private static void add(ClassLoader loader, Map<Class<?>, TransportProvider> providers) {
        ServiceLoader.load(TransportProvider.class, loader)
                .forEach(provider -> providers.putIfAbsent(provider.getClass(), provider));
    }

    private static boolean knows(ClassLoader loader) {
        try {
            return loader.loadClass(TransportProvider.class.getName()) == TransportProvider.class;
        } catch (ClassNotFoundException other) {
            return false;
        }
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
