package dev.antiphon.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.conformance.broker.KafkaBrokers;
import dev.antiphon.conformance.broker.NatsBrokers;
import dev.antiphon.conformance.broker.RabbitBrokers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example prints what it should, in memory and over each broker. */
class ExamplesTest {

    private interface Program {
        void start(String[] args) throws Exception;
    }

    static List<String> urls() {
        return List.of(
                "inmemory://examples",
                NatsBrokers.shared().url(),
                RabbitBrokers.shared().url(),
                KafkaBrokers.shared().url());
    }

    private static List<String> run(Program program, String... args) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, UTF_8));
        try {
            program.start(args);
        } finally {
            System.setOut(before);
        }
        return printed.toString(UTF_8).lines().toList();
    }

    @ParameterizedTest
    @MethodSource("urls")
    void quickStart_isAnsweredTwiceAndThenFindsNobody(String url) throws Exception {
        assertThat(run(QuickStart::main, url))
                .containsExactly(
                        "price.apple is 42", "price.pear is 42, price.plum is 42", "NO_RESPONDERS, retryable: true");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void queueGroups_shareTheWork(String url) throws Exception {
        assertThat(run(QueueGroups::main, url)).containsExactly("members that answered: [ada, bob]", "answers: 100");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void timeoutsAndErrors_sayWhy(String url) throws Exception {
        assertThat(run(TimeoutsAndErrors::main, url))
                .containsExactly(
                        "TIMEOUT, safe to repeat: false",
                        "refused: OUT_OF_STOCK, no unicorn is left",
                        "one apple is on its way",
                        "NO_RESPONDERS, safe to repeat: true");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void asyncHandlers_answerLater(String url) throws Exception {
        assertThat(run(AsyncHandlers::main, url)).containsExactly("apple: 7 left");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void headers_travelBothWays(String url) throws Exception {
        assertThat(run(HeadersAndContentType::main, url))
                .containsExactly("Hallo, language de", "tags [one, two], text/plain");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void publishSubscribe_keepsTheOrder(String url) throws Exception {
        assertThat(run(PublishSubscribe::main, url))
                .containsExactly("news.sport.football: two to one", "news.weather: sunny");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void loggingInterceptor_seesBothSides(String url) throws Exception {
        assertThat(run(LoggingInterceptor::main, url))
                .containsExactly("asking greet", "handling greet", "got \"hello Ada\"");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void swapTransport_isTheSameOverAnyUrl(String url) throws Exception {
        assertThat(run(SwapTransport::main, url)).containsExactly("somewhere, CONNECTED", "drained: true");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void swapTransport_withoutArgument_isConfigured(String url) throws Exception {
        System.setProperty("antiphon.url", url);
        try {
            assertThat(run(SwapTransport::main)).containsExactly("somewhere, CONNECTED", "drained: true");
        } finally {
            System.clearProperty("antiphon.url");
        }
    }

    @ParameterizedTest
    @MethodSource("urls")
    void gatherReplies_saysWhoIsMissing(String url) throws Exception {
        assertThat(run(GatherReplies::main, url))
                .containsExactly("[north 12, south 11], enough: true", "west failed", "STALLED without [east]");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void streamReplies_bringsAllItems(String url) throws Exception {
        assertThat(run(StreamReplies::main, url)).containsExactly("100000 items");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void progressAndCancel_reachesTheHandler(String url) throws Exception {
        assertThat(run(ProgressAndCancel::main, url)).containsExactly("progress: 50 %", "stopped");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void raceAndSend_takesTheFirst(String url) throws Exception {
        assertThat(run(RaceAndSend::main, url)).containsExactly("first: 42", "hedged: 42", "a writer has it");
    }

    @ParameterizedTest
    @MethodSource("urls")
    void retryAndDedup_ordersOnce(String url) throws Exception {
        assertThat(run(RetryAndDedup::main, url)).containsExactly("order 1", "order 1");
    }

    static List<Path> sources() throws IOException {
        Path folder = Docs.ROOT.resolve("examples/src/main/java/dev/antiphon/examples");
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.endsWith("package-info.java")).toList();
        }
    }

    @ParameterizedTest
    @MethodSource("sources")
    void everyExample_isSmallAndTested(Path source) throws IOException {
        assertThat(Files.readAllLines(source)).hasSizeBetween(20, 65);
        String name = source.getFileName().toString().replace(".java", "");
        String tests = Docs.read("examples/src/test/java/dev/antiphon/examples/ExamplesTest.java");
        assertThat(tests + GracefulShutdownTest.class)
                .contains(name + (name.equals("GracefulShutdown") ? "Test" : "::main"));
    }
}
