package dev.antiphon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.antiphon.conformance.broker.NatsBrokers;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/** The kit is written for TestNG, which is started from here. */
class StreamTckTest {

    static List<String> urls() {
        return List.of("inmemory://tck", NatsBrokers.shared().url());
    }

    @ParameterizedTest
    @MethodSource("urls")
    void streams_areReactiveStreams(String url, @TempDir Path output) {
        StreamVerification.url = url;
        TestListenerAdapter results = new TestListenerAdapter();
        TestNG kit = new TestNG(false);
        kit.setVerbose(0);
        kit.setOutputDirectory(output.toString());
        kit.setTestClasses(new Class<?>[] {StreamVerification.class});
        kit.addListener(results);

        kit.run();

        assertThat(results.getFailedTests())
                .extracting(ITestResult::getName, ITestResult::getThrowable)
                .isEmpty();
        assertThat(results.getConfigurationFailures()).isEmpty();
        assertThat(results.getPassedTests()).hasSizeGreaterThan(25);
    }
}
