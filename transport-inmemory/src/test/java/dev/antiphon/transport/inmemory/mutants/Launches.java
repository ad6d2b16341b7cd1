package dev.antiphon.transport.inmemory.mutants;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;

import dev.antiphon.conformance.Rule;
import dev.antiphon.conformance.TransportConformance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.Events;

/**
 * Launches rules of a conformance class within a test. Meanwhile {@link MutantProvider} is installed for the calling thread and
 * those it starts; other tests of this module see none but the real one.
 */
final class Launches implements AutoCloseable {
    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final URLClassLoader installed;

    Launches(Path directory) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(services.resolve("dev.antiphon.spi.TransportProvider"), MutantProvider.class.getName());
        installed = new URLClassLoader(new URL[] {directory.toUri().toURL()}, before);
        Thread.currentThread().setContextClassLoader(installed);
    }

    @Override
    public void close() {
        Thread.currentThread().setContextClassLoader(before);
        try {
            installed.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs some rules by themselves, without a judgement of the whole. */
    EngineExecutionResults partial(Class<? extends TransportConformance> suite, Mutant mutant, String... rules) {
        return builder(suite, mutant, rules)
                .configurationParameter("conformance.partial", "true")
                .execute();
    }

    /** Runs some rules as if they were all. */
    EngineExecutionResults whole(Class<? extends TransportConformance> suite, Mutant mutant, String... rules) {
        return builder(suite, mutant, rules).execute();
    }

    private static EngineTestKit.Builder builder(
            Class<? extends TransportConformance> suite, Mutant mutant, String... rules) {
        MutantProvider.current = mutant;
        DiscoverySelector[] selectors = Arrays.stream(rules)
                .map(rule -> selectMethod(suite, methodOf(suite, rule)))
                .toArray(DiscoverySelector[]::new);
        return EngineTestKit.engine("junit-jupiter").selectors(selectors);
    }

    private static Method methodOf(Class<?> suite, String rule) {
        return Arrays.stream(suite.getMethods())
                .filter(method -> method.isAnnotationPresent(Rule.class)
                        && method.getAnnotation(Rule.class).value().equals(rule))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no rule " + rule));
    }

    /** What the failures among these events say. */
    static String failures(Events events) {
        return events.filter(finishedWithFailure()::matches)
                .map(Launches::failure)
                .collect(Collectors.joining("\n"));
    }

    private static String failure(Event event) {
        return event.getTestDescriptor().getDisplayName() + ": "
                + event.getPayload(TestExecutionResult.class)
                        .flatMap(TestExecutionResult::getThrowable)
                        .map(String::valueOf)
                        .orElse("");
    }
}
