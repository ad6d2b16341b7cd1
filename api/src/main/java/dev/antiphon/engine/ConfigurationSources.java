package dev.antiphon.engine;

import dev.antiphon.spi.TransportProvider;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Where the URL comes from when the program gives none. */
final class ConfigurationSources {

    private static final String PROPERTY = "antiphon.url";
    private static final String VARIABLE = "ANTIPHON_URL";
    private static final String FILE = "antiphon.properties";
    private static final String IN_MEMORY = "inmemory";

    private ConfigurationSources() {}

    /** The URL, or null and a problem. */
    static @Nullable String url(List<TransportProvider> providers, List<String> problems) {
        String url = System.getProperty(PROPERTY);
        if (url == null || url.isBlank()) {
            url = System.getenv(VARIABLE);
        }
        if (url == null || url.isBlank()) {
            url = fromFile(problems);
        }
        if (url != null && !url.isBlank()) {
            return url;
        }
        if (providers.size() == 1 && providers.get(0).schemes().contains(IN_MEMORY)) {
            return IN_MEMORY + "://default";
        }
        problems.add("no URL is configured: set the system property " + PROPERTY + ", the environment variable "
                + VARIABLE + ", or \"url\" in " + FILE + " on the class path");
        return null;
    }

    private static @Nullable String fromFile(List<String> problems) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        ClassLoader source = loader == null ? ClassLoader.getSystemClassLoader() : loader;
        try (InputStream file = source.getResourceAsStream(FILE)) {
            if (file == null) {
                return null;
            }
            Properties properties = new Properties();
            properties.load(file);
            String url = properties.getProperty("url");
            return url == null ? properties.getProperty(PROPERTY) : url;
        } catch (IOException e) {
            problems.add(FILE + " can not be read: " + e.getMessage());
            return null;
        }
    }
}
