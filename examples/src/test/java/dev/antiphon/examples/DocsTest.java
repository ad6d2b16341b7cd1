package dev.antiphon.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.antiphon.ConfigurationException;
import dev.antiphon.ErrorCode;
import dev.antiphon.Messenger;
import dev.antiphon.spi.Capabilities.Capability;
import dev.antiphon.spi.TransportProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The documentation says what the code does. */
class DocsTest {

    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/guide.md"})
    void snippets_areCutFromExamples(String page) {
        assertThat(Docs.snippets(page))
                .isNotEmpty()
                .allSatisfy(snippet -> assertThat(snippet.code())
                        .as("%s: %s %s", page, snippet.example(), snippet.region())
                        .isEqualTo(Docs.region(snippet.example(), snippet.region())));
    }

    @Test
    void readme_isShortAndShowsFifteenLines() {
        assertThat(Docs.read("README.md").lines().count()).isLessThan(120);
        assertThat(Docs.snippets("README.md").get(0).code().lines().count()).isLessThanOrEqualTo(15);
        assertThat(Docs.read("README.md")).contains("./antiphon demo", "./verify");
        assertThat(Files.isExecutable(Docs.ROOT.resolve("antiphon"))).isTrue();
        assertThat(Files.isExecutable(Docs.ROOT.resolve("verify"))).isTrue();
    }

    @Test
    void transportTable_saysWhatTheTransportsSay() {
        List<List<String>> rows = Docs.table("README.md", "| | in memory | NATS | RabbitMQ | Kafka |");
        Map<String, TransportProvider> providers = new TreeMap<>();
        ServiceLoader.load(TransportProvider.class).forEach(provider -> providers.put(provider.name(), provider));
        assertThat(providers).containsOnlyKeys("inmemory", "nats", "amqp", "kafka");
        for (Capability capability : Capability.values()) {
            assertThat(rows)
                    .contains(List.of(
                            words(capability),
                            words(providers.get("inmemory").capabilities().level(capability)),
                            words(providers.get("nats").capabilities().level(capability)),
                            words(providers.get("amqp").capabilities().level(capability)),
                            words(providers.get("kafka").capabilities().level(capability))));
        }
    }

    @Test
    void errorTable_saysWhatTheCodesSay() {
        List<List<String>> rows = Docs.table("docs/errors.md", "| code |");
        assertThat(rows).hasSize(ErrorCode.values().length + 1);
        assertThat(rows.stream().skip(1).map(row -> row.subList(0, 3)))
                .containsExactlyElementsOf(Arrays.stream(ErrorCode.values())
                        .map(code ->
                                List.of("`" + code + "`", yesOrNo(code.retryable()), yesOrNo(code.mayHaveExecuted())))
                        .toList());
    }

    /** The error for an option that nobody knows lists those that are known. */
    @Test
    void optionTable_listsTheOptionsOfTheEngine() {
        assertThatThrownBy(() -> Messenger.connect("inmemory://docs?nonsense=1"))
                .isInstanceOfSatisfying(ConfigurationException.class, e -> {
                    String known = e.problems().get(0).replaceFirst(".*known are ", "");
                    assertThat(Docs.table("docs/guide.md", "| option |").stream()
                                    .skip(1))
                            .extracting(row -> row.get(0).replace("`", ""))
                            .isNotEmpty()
                            .containsExactlyElementsOf(Arrays.stream(known.split(", "))
                                    .filter(option -> !option.equals("max-body"))
                                    .toList());
                });
    }

    static List<Path> pages() throws IOException {
        List<Path> pages =
                new ArrayList<>(List.of(Docs.ROOT.resolve("README.md"), Docs.ROOT.resolve("CONTRIBUTING.md")));
        try (Stream<Path> files = Files.walk(Docs.ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
        }
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void links_leadToFiles(Path page) throws IOException {
        Matcher link = LINK.matcher(Files.readString(page));
        while (link.find()) {
            assertThat(page.resolveSibling(link.group(1))).exists();
        }
    }

    private static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String yesOrNo(boolean value) {
        return value ? "yes" : "no";
    }
}
