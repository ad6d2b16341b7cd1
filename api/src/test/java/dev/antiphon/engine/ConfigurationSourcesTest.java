package dev.antiphon.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.spi.TransportProvider;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the URL comes from when the program gives none. The environment can not be set here; what is in it wins. */
class ConfigurationSourcesTest {

    private static final @Nullable String ENVIRONMENT = System.getenv("ANTIPHON_URL");
    private static final List<TransportProvider> IN_MEMORY = List.of(new ScriptedProvider("inmemory"));

    private final List<String> problems = new ArrayList<>();
    private final ClassLoader loader = Thread.currentThread().getContextClassLoader();
    private final @Nullable String property = System.getProperty("antiphon.url");

    @TempDir
    private Path directory;

    @BeforeEach
    void cleanProperty() {
        System.clearProperty("antiphon.url");
    }

    @AfterEach
    void restore() {
        Thread.currentThread().setContextClassLoader(loader);
        if (property == null) {
            System.clearProperty("antiphon.url");
        } else {
            System.setProperty("antiphon.url", property);
        }
    }

    @Test
    void url_systemProperty_winsOverTheFile() throws IOException {
        file("url=scripted://file");
        System.setProperty("antiphon.url", "scripted://property");

        assertThat(ConfigurationSources.url(IN_MEMORY, problems)).isEqualTo("scripted://property");
    }

    @Test
    void url_file_winsOverTheDefault() throws IOException {
        file("url=scripted://file");

        assertThat(ConfigurationSources.url(IN_MEMORY, problems)).isEqualTo(elseEnvironment("scripted://file"));
    }

    @Test
    void url_fileWithThePropertysName_isTaken() throws IOException {
        file("antiphon.url=scripted://file");

        assertThat(ConfigurationSources.url(IN_MEMORY, problems)).isEqualTo(elseEnvironment("scripted://file"));
    }

    @Test
    void url_blankProperty_isNone() throws IOException {
        file("url=scripted://file");
        System.setProperty("antiphon.url", " ");

        assertThat(ConfigurationSources.url(IN_MEMORY, problems)).isEqualTo(elseEnvironment("scripted://file"));
    }

    @Test
    void url_nothingSetAndOnlyInMemoryThere_isInMemory() {
        assertThat(ConfigurationSources.url(IN_MEMORY, problems)).isEqualTo(elseEnvironment("inmemory://default"));
    }

    @Test
    void url_nothingSetAndSeveralTransportsThere_isAProblemThatNamesThePlaces() {
        String url = ConfigurationSources.url(
                List.of(new ScriptedProvider("inmemory"), new ScriptedProvider("nats")), problems);

        assertThat(url).isEqualTo(ENVIRONMENT);
        if (ENVIRONMENT == null) {
            assertThat(problems)
                    .singleElement()
                    .asString()
                    .contains("antiphon.url", "ANTIPHON_URL", "antiphon.properties");
        }
    }

    @Test
    void url_nothingSetAndAnotherTransportThere_isAProblem() {
        assertThat(ConfigurationSources.url(List.of(new ScriptedProvider("nats")), problems))
                .isEqualTo(ENVIRONMENT);
        assertThat(problems).hasSize(ENVIRONMENT == null ? 1 : 0);
    }

    private static String elseEnvironment(String url) {
        return ENVIRONMENT == null ? url : ENVIRONMENT;
    }

    private void file(String line) throws IOException {
        Files.writeString(directory.resolve("antiphon.properties"), line + "\n");
        Thread.currentThread()
                .setContextClassLoader(
                        new URLClassLoader(new URL[] {directory.toUri().toURL()}, null));
    }
}
